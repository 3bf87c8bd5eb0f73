//! Places: searching.
//!
//! ```text
//! GEOSEARCH key FROMMEMBER member | FROMLONLAT longitude latitude
//!               BYRADIUS radius unit | BYBOX width height unit
//!               [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
//! GEOSEARCH key BYPOLYGON vertices longitude latitude [...] [ASC | DESC] ...
//! GEOSEARCHSTORE destination source ... [STOREDIST]
//! GEORADIUS key longitude latitude radius unit [WITHCOORD] ... [STORE key | STOREDIST key]
//! GEORADIUSBYMEMBER key member radius unit [WITHCOORD] ... [STORE key | STOREDIST key]
//! GEORADIUS_RO ..., GEORADIUSBYMEMBER_RO ...
//! ```

use std::ops::ControlFlow;

use engine::{CommandError, Ctx, Event};
use keyspace::SortedSet;
use listpack::{Element, TextBuffer};
use resp::Reply;
use structures::geo::{Point, Region};
use structures::sorted_set::{Bound, ScoreBounds};

use super::distance::DistanceText;
use super::options::{Form, Order, Query, Reader};
use super::partial_sort::partial_sort;
use super::place::reply_point;
use super::store::{collect, store};
use crate::sorted_sets::limits::limits;

const GEOSEARCHSTORE: Event = Event::sorted_set("geosearchstore");
const GEORADIUSSTORE: Event = Event::sorted_set("georadiusstore");

pub(super) fn geosearch(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    search(cx, Form::Search)
}

pub(super) fn geosearchstore(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    search(cx, Form::SearchStore)
}

pub(super) fn georadius(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    search(cx, Form::Radius)
}

pub(super) fn georadius_ro(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    search(cx, Form::RadiusReadOnly)
}

pub(super) fn georadiusbymember(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    search(cx, Form::ByMember)
}

pub(super) fn georadiusbymember_ro(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    search(cx, Form::ByMemberReadOnly)
}

/// A place that was found.
pub(super) struct Found<'s> {
    pub(super) member: Element<'s>,
    pub(super) score: f64,
    pub(super) distance_m: f64,
    point: Point,
    /// How many were found before.
    number: usize,
}

fn search(cx: &mut Ctx<'_>, form: Form) -> Result<(), CommandError> {
    let destination = if form == Form::SearchStore { Some(cx.args.key()?) } else { None };
    let key = cx.args.key()?;
    let limits = limits(cx.engine);
    let set = cx.view.get::<SortedSet>(&key)?;
    let query = Reader::new(cx.args, form, set.as_deref()).read(destination)?;
    let found = match (&set, &query.region) {
        (Some(set), Some(region)) => find(set, region, &query),
        _ => Vec::new(),
    };
    let Some((destination, stored)) = query.store else {
        reply(&mut cx.reply, &query, &found);
        return Ok(());
    };
    let count = found.len();
    let collected = collect(&found, stored, query.unit, &limits);
    let event = if form == Form::SearchStore { GEOSEARCHSTORE } else { GEORADIUSSTORE };
    store(cx, &destination, collected, event);
    cx.reply.integer(count as i64);
    Ok(())
}

/// What is found, in the order and number that the query asks for.
fn find<'s>(set: &'s SortedSet, region: &Region, query: &Query<'_>) -> Vec<Found<'s>> {
    let enough = query.count.filter(|_| query.any).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    if set.len() <= SMALL {
        let all: Vec<_> = set.by_rank(0..set.len()).collect();
        for area in region.areas() {
            let from = all.partition_point(|(_, score)| *score < area.from);
            let members = all.iter().skip(from).take_while(|(_, score)| *score < area.to);
            gather(&mut found, members.copied(), region, enough);
        }
    } else {
        for area in region.areas() {
            let bounds = ScoreBounds { min: Bound::Included(area.from), max: Bound::Excluded(area.to) };
            if found.len() >= enough {
                break;
            }
            set.by_rank(set.ranks_by_score(bounds)).choose(
                |score| within(region, score),
                |member, score, (point, distance_m)| {
                    found.push(Found { member, score, distance_m, point, number: found.len() });
                    if found.len() < enough { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                },
            );
        }
    }
    sort(&mut found, query);
    found
}

/// Sets up to this size are gone through once, since a place in a small one is found by going through it.
const SMALL: usize = 128;

/// Adds the members that lie in the region, until there are enough.
fn gather<'s>(
    found: &mut Vec<Found<'s>>,
    members: impl Iterator<Item = (Element<'s>, f64)>,
    region: &Region,
    enough: usize,
) {
    for (member, score) in members {
        if found.len() >= enough {
            return;
        }
        if let Some((point, distance_m)) = within(region, score) {
            found.push(Found { member, score, distance_m, point, number: found.len() });
        }
    }
}

/// Where a score is, and how far away, if that is in the region.
#[inline]
fn within(region: &Region, score: f64) -> Option<(Point, f64)> {
    let point = Point::of_score(score);
    Some((point, region.distance_within(point)?))
}

/// To have but some of them is to want the nearest ones.
///
/// Of places at the same distance, those that were found first come first, unless a part of all is wanted: see [`partial_sort`].
fn sort(found: &mut Vec<Found<'_>>, query: &Query<'_>) {
    let order = match (query.order, query.count) {
        (None, Some(_)) if !query.any => Order::Nearest,
        (None, _) => return,
        (Some(order), _) => order,
    };
    let compare = |a: &Found<'_>, b: &Found<'_>| match order {
        Order::Nearest => a.distance_m.total_cmp(&b.distance_m),
        Order::Farthest => b.distance_m.total_cmp(&a.distance_m),
    };
    let by_number = |a: &Found<'_>, b: &Found<'_>| a.number.cmp(&b.number);
    match query.count.filter(|count| *count < found.len()) {
        Some(count) => {
            partial_sort(found, count, compare, by_number);
            found.truncate(count);
        }
        None => found.sort_unstable_by(|a, b| compare(a, b).then_with(|| by_number(a, b))),
    }
}

fn reply(reply: &mut Reply<'_>, query: &Query<'_>, found: &[Found<'_>]) {
    let extras = [query.with_distance, query.with_hash, query.with_coordinates];
    let extras = extras.iter().filter(|wanted| **wanted).count();
    let mut buffer = TextBuffer::new();
    reply.array(found.len());
    for found in found {
        if extras > 0 {
            reply.array(1 + extras);
        }
        reply.bulk(found.member.text(&mut buffer));
        if query.with_distance {
            reply.bulk(DistanceText::new(found.distance_m / query.unit.metres()).as_bytes());
        }
        if query.with_hash {
            reply.integer(found.score as i64);
        }
        if query.with_coordinates {
            reply_point(reply, found.point);
        }
    }
}
