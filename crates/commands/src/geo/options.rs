//! What a search is asked for.

use engine::{Args, CommandError};
use keyspace::{Key, SortedSet};
use structures::geo::{Point, Polygon, Region, Shape, Unit, VERTICES_MIN};
use structures::parse_f64;

use super::WRONG_UNIT;

/// Which of the commands it is: they take the same options in different places.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// `GEOSEARCH`
    Search,
    /// `GEOSEARCHSTORE`
    SearchStore,
    /// `GEORADIUS`
    Radius,
    /// `GEORADIUS_RO`
    RadiusReadOnly,
    /// `GEORADIUSBYMEMBER`
    ByMember,
    /// `GEORADIUSBYMEMBER_RO`
    ByMemberReadOnly,
}

/// In which order places are wanted.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Order {
    /// The nearest first.
    Nearest,
    /// The farthest first.
    Farthest,
}

/// What becomes the score of a place that is stored.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum StoredScore {
    /// The one that it has.
    Same,
    /// Its distance.
    Distance,
}

/// A request, read.
pub(super) struct Query<'a> {
    /// What is searched. `None` if there is no set to be searched, and nothing to be found.
    pub(super) region: Option<Region>,
    /// In which distances are shown and stored.
    pub(super) unit: Unit,
    pub(super) with_distance: bool,
    pub(super) with_hash: bool,
    pub(super) with_coordinates: bool,
    pub(super) order: Option<Order>,
    /// How many places are wanted.
    pub(super) count: Option<usize>,
    /// Whether any so many will do.
    pub(super) any: bool,
    /// Where they are stored.
    pub(super) store: Option<(Key<'a>, StoredScore)>,
}

/// A request that is being read.
pub(super) struct Reader<'a, 's> {
    args: Args<'a>,
    form: Form,
    set: Option<&'s SortedSet>,
    from: Option<From>,
    shape: Option<Shape>,
    query: Query<'a>,
}

/// Where distances are measured from.
enum From {
    /// `FROMLONLAT`
    Point(Point),
    /// `FROMMEMBER`, with its point unless there is no set.
    Member(Option<Point>),
}

impl<'a, 's> Reader<'a, 's> {
    /// `set` is where the members of the request are looked up while it is read.
    pub(super) fn new(args: Args<'a>, form: Form, set: Option<&'s SortedSet>) -> Self {
        let query = Query {
            region: None,
            unit: Unit::Metre,
            with_distance: false,
            with_hash: false,
            with_coordinates: false,
            order: None,
            count: None,
            any: false,
            store: None,
        };
        Self { args, form, set, from: None, shape: None, query }
    }

    /// Reads the request behind its keys; what is found is stored at `destination`, if there is one.
    pub(super) fn read(mut self, destination: Option<Key<'a>>) -> Result<Query<'a>, CommandError> {
        self.query.store = destination.map(|key| (key, StoredScore::Same));
        match self.form {
            Form::Search | Form::SearchStore => {}
            Form::Radius | Form::RadiusReadOnly => self.read_circle_around_point()?,
            Form::ByMember | Form::ByMemberReadOnly => self.read_circle_around_member()?,
        }
        while !self.args.is_empty() {
            if !(self.read_view()? || self.read_store()? || self.read_from()? || self.read_shape()?) {
                return Err(CommandError::Syntax);
            }
        }
        self.check()?;
        Ok(Query { region: self.region(), ..self.query })
    }

    /// Reads `longitude latitude radius unit`.
    fn read_circle_around_point(&mut self) -> Result<(), CommandError> {
        self.from = Some(From::Point(point(&mut self.args)?));
        self.read_circle()
    }

    /// Reads `member radius unit`. Without a set the circle is not looked at.
    fn read_circle_around_member(&mut self) -> Result<(), CommandError> {
        let member = self.args.word()?;
        let point = self.find(member)?;
        self.from = Some(From::Member(point));
        if self.set.is_some() {
            return self.read_circle();
        }
        self.args.word()?;
        self.args.word()?;
        Ok(())
    }

    /// Options on what is shown of the result.
    fn read_view(&mut self) -> Result<bool, CommandError> {
        let (args, query) = (&mut self.args, &mut self.query);
        if args.option("WITHDIST") {
            query.with_distance = true;
        } else if args.option("WITHHASH") {
            query.with_hash = true;
        } else if args.option("WITHCOORD") {
            query.with_coordinates = true;
        } else if args.option("ANY") {
            query.any = true;
        } else if args.option("ASC") {
            query.order = Some(Order::Nearest);
        } else if args.option("DESC") {
            query.order = Some(Order::Farthest);
        } else if args.remaining() > 1 && args.option("COUNT") {
            let count = usize::try_from(args.integer()?).ok().filter(|count| *count > 0);
            query.count = Some(count.ok_or(CommandError::fixed("ERR COUNT must be > 0"))?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn read_store(&mut self) -> Result<bool, CommandError> {
        let (args, query) = (&mut self.args, &mut self.query);
        match self.form {
            Form::Radius | Form::ByMember if args.remaining() > 1 && args.option("STORE") => {
                query.store = Some((args.key()?, StoredScore::Same));
            }
            Form::Radius | Form::ByMember if args.remaining() > 1 && args.option("STOREDIST") => {
                query.store = Some((args.key()?, StoredScore::Distance));
            }
            Form::SearchStore if args.option("STOREDIST") => {
                query.store = query.store.take().map(|(key, _)| (key, StoredScore::Distance));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn read_from(&mut self) -> Result<bool, CommandError> {
        if !self.is_search() || matches!(self.shape, Some(Shape::Polygon(_))) {
            return Ok(false);
        }
        let left = self.args.remaining();
        if left > 1 && !matches!(self.from, Some(From::Point(_))) && self.args.option("FROMMEMBER") {
            let member = self.args.word()?;
            let point = self.find(member)?;
            self.from = Some(From::Member(point));
        } else if left > 2 && !matches!(self.from, Some(From::Member(_))) && self.args.option("FROMLONLAT") {
            self.from = Some(From::Point(point(&mut self.args)?));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn read_shape(&mut self) -> Result<bool, CommandError> {
        if !self.is_search() {
            return Ok(false);
        }
        let left = self.args.remaining();
        if left > 2 && matches!(self.shape, None | Some(Shape::Circle { .. })) && self.args.option("BYRADIUS")
        {
            self.read_circle()?;
        } else if left > 3
            && matches!(self.shape, None | Some(Shape::Box { .. }))
            && self.args.option("BYBOX")
        {
            self.read_box()?;
        } else if left > 2
            && self.from.is_none()
            && matches!(self.shape, None | Some(Shape::Polygon(_)))
            && self.args.option("BYPOLYGON")
        {
            self.read_polygon()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn read_circle(&mut self) -> Result<(), CommandError> {
        let radius = length(&mut self.args, "ERR need numeric radius")?;
        if radius < 0.0 {
            return Err(CommandError::fixed("ERR radius cannot be negative"));
        }
        self.read_unit()?;
        self.shape = Some(Shape::Circle { radius_m: radius * self.query.unit.metres() });
        Ok(())
    }

    fn read_box(&mut self) -> Result<(), CommandError> {
        let width = length(&mut self.args, "ERR need numeric width")?;
        let height = length(&mut self.args, "ERR need numeric height")?;
        if width < 0.0 || height < 0.0 {
            return Err(CommandError::fixed("ERR height or width cannot be negative"));
        }
        self.read_unit()?;
        let metres = self.query.unit.metres();
        self.shape = Some(Shape::Box { width_m: width * metres, height_m: height * metres });
        Ok(())
    }

    fn read_polygon(&mut self) -> Result<(), CommandError> {
        const TOO_FEW: CommandError =
            CommandError::fixed("ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");
        const NO_NUMBER: CommandError = CommandError::fixed("ERR invalid number of vertices");
        let count = self.args.integer().map_err(|_| NO_NUMBER)?;
        let count = i32::try_from(count).map_err(|_| NO_NUMBER)?;
        let count = usize::try_from(count).map_err(|_| TOO_FEW)?;
        if count < VERTICES_MIN || self.args.remaining() / 2 < count {
            return Err(TOO_FEW);
        }
        let vertices = (0..count).map(|_| point(&mut self.args)).collect::<Result<Vec<_>, _>>()?;
        self.query.unit = Unit::Metre;
        self.shape = Polygon::new(vertices).map(Shape::Polygon);
        Ok(())
    }

    fn read_unit(&mut self) -> Result<(), CommandError> {
        self.query.unit = Unit::named(self.args.word()?).ok_or(WRONG_UNIT)?;
        Ok(())
    }

    /// The point of a member; `None` if there is no set at all.
    fn find(&self, member: &[u8]) -> Result<Option<Point>, CommandError> {
        let Some(set) = self.set else { return Ok(None) };
        let score = set.score(member);
        let score = score.ok_or(CommandError::fixed("ERR could not decode requested zset member"))?;
        Ok(Some(Point::of_score(score)))
    }

    fn is_search(&self) -> bool {
        matches!(self.form, Form::Search | Form::SearchStore)
    }

    /// Whether the options go together.
    fn check(&self) -> Result<(), CommandError> {
        let query = &self.query;
        let shows = query.with_distance || query.with_hash || query.with_coordinates;
        if query.store.is_some() && shows {
            return Err(CommandError::fixed(match self.form {
                Form::SearchStore => {
                    "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
                }
                _ => {
                    "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
                }
            }));
        }
        if self.is_search() {
            let name = self.args.request().get(0).unwrap_or_default();
            let fault = |text| CommandError::quoting(text, name, "");
            if self.from.is_none() && !matches!(self.shape, Some(Shape::Polygon(_))) {
                return Err(fault("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for "));
            }
            if self.shape.is_none() {
                return Err(fault("ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for "));
            }
        }
        if query.any && query.count.is_none() {
            return Err(CommandError::fixed("ERR the ANY argument requires COUNT argument"));
        }
        Ok(())
    }

    fn region(&mut self) -> Option<Region> {
        match (self.from.take(), self.shape.take()?) {
            (Some(From::Point(point) | From::Member(Some(point))), shape) => Some(Region::new(point, shape)),
            (None, Shape::Polygon(polygon)) => Some(Region::of_polygon(polygon)),
            _ => None,
        }
    }
}

/// Reads a longitude and a latitude.
pub(super) fn point(args: &mut Args<'_>) -> Result<Point, CommandError> {
    let longitude = parse_f64(args.word()?).ok_or(CommandError::NotAFloat)?;
    let latitude = parse_f64(args.word()?).ok_or(CommandError::NotAFloat)?;
    Point::new(longitude, latitude).ok_or_else(|| {
        CommandError::text(format!("ERR invalid longitude,latitude pair {longitude:.6},{latitude:.6}"))
    })
}

fn length(args: &mut Args<'_>, fault: &'static str) -> Result<f64, CommandError> {
    parse_f64(args.word()?).ok_or(CommandError::fixed(fault))
}
