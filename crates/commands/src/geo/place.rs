//! Places: where they are.
//!
//! ```text
//! GEOPOS key [member ...]
//! GEOHASH key [member ...]
//! GEODIST key member1 member2 [M | KM | FT | MI]
//! ```

use engine::{CommandError, Ctx};
use keyspace::SortedSet;
use structures::geo::{self, Point, Unit};

use super::WRONG_UNIT;
use super::distance::DistanceText;

pub(super) fn geopos(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let set = cx.view.get::<SortedSet>(&key)?;
    cx.reply.array(cx.args.remaining());
    for member in cx.args.rest() {
        match set.as_ref().and_then(|set| set.score(member)) {
            Some(score) => reply_point(&mut cx.reply, Point::of_score(score)),
            None => cx.reply.null_array(),
        }
    }
    Ok(())
}

pub(super) fn reply_point(reply: &mut resp::Reply<'_>, point: Point) {
    reply.array(2);
    reply.double(point.longitude);
    reply.double(point.latitude);
}

pub(super) fn geohash(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let set = cx.view.get::<SortedSet>(&key)?;
    cx.reply.array(cx.args.remaining());
    for member in cx.args.rest() {
        match set.as_ref().and_then(|set| set.score(member)) {
            Some(score) => cx.reply.bulk(&geo::geohash(Point::of_score(score))),
            None => cx.reply.null(),
        }
    }
    Ok(())
}

pub(super) fn geodist(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let (from, to) = (cx.args.word()?, cx.args.word()?);
    let unit = match cx.args.remaining() {
        0 => Unit::Metre,
        1 => Unit::named(cx.args.word()?).ok_or(WRONG_UNIT)?,
        _ => return Err(CommandError::Syntax),
    };
    let set = cx.view.get::<SortedSet>(&key)?;
    let point = |member| set.as_ref()?.score(member).map(Point::of_score);
    match point(from).zip(point(to)) {
        Some((from, to)) => {
            let distance = geo::distance(from, to) / unit.metres();
            cx.reply.bulk(DistanceText::new(distance).as_bytes());
        }
        None => cx.reply.null(),
    }
    Ok(())
}
