//! The whole path of a request on one screen: decode, identify, decide, guard, dispatch, relay,
//! account. It must not hold a detail of any step.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Ask, Assignment, Denial, Policy, ReleaseName, Status, VisibleName, decide, visible_name,
    visible_names,
};
use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use store::Outcome;
use wire::{Dialect, Framing, ListedModel, Peek};

use crate::account::{self, Tally, with_paths};
use crate::bonds::{Bond, bond_after};
use crate::decisions::Arrival;
use crate::decode::{self, Conversation, Said};
use crate::dispatch::{self, Attempt, Begun, Opened, Ready};
use crate::error::{Class, Error};
use crate::gateway::Gateway;
use crate::guard;
use crate::identify::Identified;
use crate::judge::Watch;
use crate::outcomes;
use crate::outgoing::Outgoing;
use crate::recall::Leave;
use crate::relay::Relay;
use crate::respond::{self, Decided};
use crate::routes::{self, Face, Found};
use crate::snapshot::Snapshot;

/// The longest name asked for that is kept or said back, in bytes.
const MAX_NAME: usize = 200;

impl Gateway {
    /// Answers requests of the application port; for [`crate::serve`].
    pub fn service(
        self: &Arc<Self>,
    ) -> impl Service<
        Request<Incoming>,
        Response = Response<Outgoing>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static {
        let gateway = Arc::clone(self);
        service_fn(move |request| {
            let gateway = Arc::clone(&gateway);
            async move { Ok(answer(&gateway, request).await) }
        })
    }
}

/// Answers one request of the application port.
async fn answer(gateway: &Gateway, request: Request<Incoming>) -> Response<Outgoing> {
    let arrival = gateway.decisions().arrival();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let mut call = None;
    let face = match routes::find(&parts.method, path) {
        Found::Route(route) => {
            call = routes::segment(route.path, path);
            Ok(route.face)
        }
        Found::Method(route) => Err((route.face, Class::Method, route.method)),
        Found::Nothing => Err((Face::List(None), Class::NoRoute, "")),
    };
    let shown = match face {
        Ok(face) | Err((face, _, _)) => face,
    };
    let name = routes::dialect_of(shown, path, &parts.headers);
    let Some(dialect) = wire::dialect(name) else {
        return respond::plain("text/plain", "the dialect is not built in\n");
    };
    let one = One {
        gateway,
        arrival,
        dialect,
        parts: &parts,
        call,
    };
    match face {
        Ok(Face::Alive) => respond::plain("text/plain", "alive\n"),
        Ok(Face::Ready) => respond::plain("text/plain", "ready\n"),
        Ok(face) => one.closed(face, body).await,
        // Who has no key learns nothing of the routes, not even which there are.
        Err((_, class, detail)) => match one.identified() {
            Ok(_) => one.refused(Error::caller(class).detailed(detail), body),
            Err(error) => one.refused(error, body),
        },
    }
}

/// Holds one request while it is answered.
struct One<'g> {
    gateway: &'g Gateway,
    arrival: Arrival,
    dialect: &'static dyn Dialect,
    parts: &'g Parts,
    /// The variable segment of its path.
    call: Option<&'g str>,
}

/// Holds what a request said, once its body is read.
struct Asked<'r> {
    said: Said<'r>,
    peek: &'r Peek<'r>,
    conversation: Conversation<'r>,
    /// The model that a conversation under way is on, where that is remembered.
    bond: Option<Bond>,
    body: &'r Bytes,
}

impl One<'_> {
    fn identified(&self) -> Result<Identified, Error> {
        Identified::of(
            self.gateway.store(),
            self.parts,
            self.dialect,
            self.arrival.at,
        )
    }

    /// Answers on a route that needs a key.
    async fn closed(&self, face: Face, mut body: Incoming) -> Response<Outgoing> {
        let identified = match self.identified() {
            Ok(identified) => identified,
            Err(error) => return self.refused(error, body),
        };
        let is_answered = self.call.is_none_or(|call| self.dialect.answers(call));
        match face {
            Face::Ask(_) if !is_answered => self.refused(Error::caller(Class::NotOffered), body),
            Face::Ask(_) => {
                let accounts = self.gateway.accounts();
                let name = self.dialect.name();
                let tally = Tally::start(accounts, &self.arrival, identified.key(), name);
                self.ask(&identified, &mut body, tally)
                    .await
                    .unwrap_or_else(|error| self.refused(error, body))
            }
            Face::List(_) => self
                .list(&identified)
                .unwrap_or_else(|error| self.refused(error, body)),
            Face::Show(_) => self
                .show(&identified)
                .unwrap_or_else(|error| self.refused(error, body)),
            Face::Report => match self.report(&identified, &mut body).await {
                Ok(response) => response,
                Err(error) => self.refused(error, body),
            },
            Face::Alive | Face::Ready => respond::plain("text/plain", ""),
        }
    }

    /// Reads a request and answers it; an error means that its body may still be unread.
    async fn ask(
        &self,
        identified: &Identified,
        body: &mut Incoming,
        mut tally: Tally,
    ) -> Result<Response<Outgoing>, Error> {
        let read = async {
            let said = decode::said(&self.parts.headers)?;
            let config = self.gateway.config();
            let bytes = decode::read(&self.parts.headers, body, &config).await?;
            Ok((said, bytes))
        };
        let (said, bytes) = read.await.inspect_err(|error: &Error| {
            tally.finish(error.class.row().status, Outcome::Error, None);
        })?;
        let peek = match self.dialect.peek(&bytes, self.call) {
            Ok(peek) => peek,
            Err(fault) => {
                tally.finish(400, Outcome::Error, None);
                return Ok(self.failed(Error::bad_request(fault), Decided::default()));
            }
        };
        let own = decode::own_conversation(self.dialect, &self.parts.headers);
        let key = identified.key().id.as_str();
        let conversation = Conversation::of(said.conversation, &peek, own, key);
        // Without an answer in it a conversation only begins, whatever its name had before.
        let is_under_way = peek.features.answers > 0;
        let bonds = self.gateway.bonds();
        let asked = Asked {
            said,
            bond: is_under_way.then(|| bonds.of(conversation.hash)).flatten(),
            conversation,
            peek: &peek,
            body: &bytes,
        };
        self.note(&asked, &mut tally);
        let snapshot = self.gateway.snapshot();
        self.decided(identified, &asked, &snapshot, tally).await
    }

    /// Decides on a request that was read, and sees it through.
    async fn decided(
        &self,
        identified: &Identified,
        asked: &Asked<'_>,
        snapshot: &Snapshot,
        mut tally: Tally,
    ) -> Result<Response<Outgoing>, Error> {
        let assignment = match self.decide(identified, asked, snapshot)? {
            Ok(assignment) => assignment,
            Err(denial) => {
                let error = Error::denied(&denial, clip(&asked.peek.model));
                tally.finish(error.class.row().status, Outcome::Denied, None);
                return Ok(self.failed(error, Decided::default()));
            }
        };
        tally.assigned(&assignment, &snapshot.today);
        if assignment.release.is_some() {
            self.watch(asked, &mut tally);
        }
        let decided = Decided {
            assignment: Some(&assignment),
            model: None,
        };
        let wanted = asked.peek.max_tokens.filter(|_| !assignment.tier.adapt);
        if let Err(error) = guard::check(&assignment, wanted) {
            tally.finish(error.class.row().status, Outcome::Error, None);
            return Ok(self.failed(error, decided));
        }
        let mut failed = Vec::new();
        let opened = self
            .dispatch(asked, snapshot, &assignment, &mut failed)
            .await;
        match opened {
            Ok(opened) => {
                self.bind(asked, &opened);
                let current = self.gateway.current();
                let key = identified.shared_key();
                match Leave::of(current, key, &assignment, &opened.model.digest) {
                    Ok(leave) => Ok(self.relay(opened, &assignment, &failed, tally, leave)),
                    Err(error) => {
                        tally.served(&opened.model, &assignment);
                        let usage = opened.begun.usage();
                        tally.taken_back(error.class.row().status, usage);
                        Ok(self.failed(error, decided))
                    }
                }
            }
            Err(error) => {
                if let Some(attempt) = failed.first() {
                    tally.served(&attempt.model, &assignment);
                }
                tally.note(|row| row.attempts = account::attempts(&failed, None));
                let response = self.failed(error, decided);
                tally.finish(response.status().as_u16(), Outcome::Error, None);
                Ok(response)
            }
        }
    }

    fn decide<'s>(
        &self,
        identified: &Identified,
        asked: &Asked<'_>,
        snapshot: &'s Snapshot,
    ) -> Result<Result<Assignment<'s>, Denial>, Error> {
        let used_today = |name: &ReleaseName| snapshot.today.used(name, self.arrival.at);
        let ask = Ask {
            caller: identified.caller()?,
            name: &asked.peek.model,
            use_case: asked.said.use_case,
            conversation: asked.conversation.text(),
            held_by: asked.bond.map(|bond| bond.model),
            now: self.arrival.at,
            used_today: &used_today,
        };
        Ok(decide(&snapshot.policy, &snapshot.status, &ask))
    }

    async fn dispatch(
        &self,
        asked: &Asked<'_>,
        snapshot: &Snapshot,
        assignment: &Assignment<'_>,
        failed: &mut Vec<Attempt>,
    ) -> Result<Opened, Error> {
        let ready = Ready {
            dialect: self.dialect,
            call: self.call,
            body: asked.body,
            peek: asked.peek,
            headers: &self.parts.headers,
            bond: asked.bond,
            started: self.arrival.started,
            // A query that may hold a key goes no further.
            query: self
                .parts
                .uri
                .query()
                .filter(|_| self.dialect.key_parameter().is_none()),
            adapt: assignment.tier.adapt,
        };
        let circuits = self.gateway.circuits();
        dispatch::run(snapshot, circuits, assignment, ready, failed).await
    }

    /// Remembers which model the conversation is on.
    fn bind(&self, asked: &Asked<'_>, opened: &Opened) {
        let messages = asked.peek.features.messages;
        let bond = bond_after(asked.bond, opened.model.tag, messages, opened.cut_below);
        self.gateway.bonds().bind(asked.conversation.hash, bond);
    }

    /// Passes an answer on, and accounts for it at its end.
    fn relay(
        &self,
        mut opened: Opened,
        assignment: &Assignment<'_>,
        failed: &[Attempt],
        mut tally: Tally,
        leave: Option<Leave>,
    ) -> Response<Outgoing> {
        tally.served(&opened.model, assignment);
        if !failed.is_empty() {
            let answered = Some(&*opened.model);
            tally.note(|row| row.attempts = account::attempts(failed, answered));
        }
        if !opened.adapted.is_empty() {
            let adapted = ("adapted", opened.adapted.as_slice());
            tally.note(|row| row.attempts = with_paths(row.attempts.as_deref(), adapted));
        }
        let model = Arc::clone(&opened.model);
        let decided = Decided {
            assignment: Some(assignment),
            model: Some(&model),
        };
        let decision = self.arrival.decision;
        let framing = match opened.begun {
            Begun::Stream(_) => self.dialect.framing(self.parts.uri.query()),
            Begun::Whole { .. } => Framing::Events,
        };
        let mut head = respond::head(&mut opened, self.dialect, decision, decided);
        if framing == Framing::Array {
            respond::as_json(&mut head);
        }
        let status = head.status().as_u16();
        let body = match opened.begun {
            Begun::Whole { body, usage, stop } => {
                if let Some(exchange) = tally.exchange() {
                    exchange.whole(&body);
                }
                tally.answered(status, usage, stop.as_ref());
                Outgoing::whole(body)
            }
            Begun::Stream(flow) => {
                tally.first_output();
                let relay = Relay::new(*flow, self.dialect, decision.to_string(), tally);
                Outgoing::stream(relay.framed(framing).with(leave))
            }
        };
        head.map(|()| body)
    }

    fn note(&self, asked: &Asked<'_>, tally: &mut Tally) {
        let said = &asked.said;
        tally.note(|row| {
            row.requested = clip(&asked.peek.model).into();
            row.use_case = said.use_case.map(Into::into);
            row.step = said.step.map(Into::into);
            row.conversation = Some(asked.conversation.hash);
            row.features = Some(account::features(&asked.peek.features));
        });
    }

    /// Takes a report on how one of the key's decisions turned out.
    async fn report(
        &self,
        identified: &Identified,
        body: &mut Incoming,
    ) -> Result<Response<Outgoing>, Error> {
        let key = &identified.key().id;
        let told = outcomes::take(self.gateway, key, &self.parts.headers, body).await?;
        Ok(self.shown(told))
    }

    /// Notes what only the rows of a release say: whether its conversation begins, and what there
    /// is to hold its answer against.
    fn watch(&self, asked: &Asked<'_>, tally: &mut Tally) {
        if self.gateway.bonds().of(asked.conversation.hash).is_none() {
            tally.note(|row| row.features = account::with_begun(row.features.as_deref()));
        }
        let header = self.dialect.version_header();
        let version = header.and_then(|header| self.parts.headers.get(header)?.to_str().ok());
        let room = self.gateway.accounts().room();
        let spoken = (self.dialect, version);
        tally.watches(Watch::of(room, spoken, asked.body, asked.peek));
    }

    /// Lists the names that the key may ask for.
    fn list(&self, identified: &Identified) -> Result<Response<Outgoing>, Error> {
        let names = self.seen(identified, "", visible_names)?;
        let rows = names.iter().map(listed).collect::<Vec<_>>();
        Ok(self.shown(self.dialect.models_page(&rows)))
    }

    /// Shows the name that the path ends with, where the key may ask for it. It is said back as it
    /// is written there.
    fn show(&self, identified: &Identified) -> Result<Response<Outgoing>, Error> {
        let written = self.call.unwrap_or_default();
        let name = wire::decode_segment(written).unwrap_or_default();
        match self.seen(identified, &name, visible_name)? {
            Some(name) => Ok(self.shown(self.dialect.model(&listed(&name)))),
            None => Err(Error::denied(&Denial::UnknownName, clip(written))),
        }
    }

    /// Looks at what the key may ask for.
    fn seen<T>(
        &self,
        identified: &Identified,
        name: &str,
        look: impl FnOnce(&Policy, &Status, &Ask<'_>) -> T,
    ) -> Result<T, Error> {
        let said = decode::said(&self.parts.headers)?;
        let snapshot = self.gateway.snapshot();
        let used_today = |name: &ReleaseName| snapshot.today.used(name, self.arrival.at);
        let ask = Ask {
            caller: identified.caller()?,
            name,
            use_case: said.use_case,
            conversation: said.conversation.unwrap_or_default(),
            held_by: None,
            now: self.arrival.at,
            used_today: &used_today,
        };
        Ok(look(&snapshot.policy, &snapshot.status, &ask))
    }

    /// Renders what was looked at.
    fn shown(&self, body: Vec<u8>) -> Response<Outgoing> {
        let response = respond::plain("application/json", body);
        respond::marked(response, self.dialect, self.arrival.decision)
    }

    /// Renders a failure of a request whose body was read.
    fn failed(&self, error: Error, decided: Decided<'_>) -> Response<Outgoing> {
        let failure = respond::failure(error, self.dialect, self.arrival.decision, decided);
        failure.head.map(|()| Outgoing::whole(failure.body))
    }

    /// Renders a failure of a request whose body may still be on its way.
    fn refused(&self, error: Error, unread: Incoming) -> Response<Outgoing> {
        let none = Decided::default();
        let failure = respond::failure(error, self.dialect, self.arrival.decision, none);
        // A client that waits for leave to send has nothing on its way.
        let waits = self.parts.headers.contains_key(http::header::EXPECT);
        let is_read = http_body::Body::is_end_stream(&unread);
        failure.head.map(|()| {
            if is_read || waits {
                Outgoing::whole(failure.body)
            } else {
                Outgoing::refusal(failure.body, unread)
            }
        })
    }
}

fn listed(name: &VisibleName) -> ListedModel<'_> {
    ListedModel {
        id: &name.name,
        created: 0,
        purpose: &name.purpose,
        owner: "tiergate",
    }
}

fn clip(name: &str) -> &str {
    let mut end = name.len().min(MAX_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default()
}
