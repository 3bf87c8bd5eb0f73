//! Clients that listen to what their user no longer may: their connections are closed when the rules change.
//!
//! ```text
//!  ACL SETUSER, LOAD ─▶ users change ─▶ generation moves on ─▶ the register is searched, part by part ─▶ closed
//!  SUBSCRIBE ─────────▶ rules asked ──▶ enters the register ─▶ generation moved? rules asked again ───┘
//! ```
//!
//! A subscription under way enters its part of the register before or after that is searched: before, it is found; after, it sees that the
//! generation has moved. Who is closed gets no further message, although its own thread has yet to come to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use acl::User;
use pubsub::Kind;

use crate::client::Client;
use crate::engine::Engine;
use crate::session::Session;

impl Engine {
    /// Closes the connections that listen to what their user may not, that of `session` behind its reply. `user` finds users that may have
    /// changed by their names; they are locked.
    pub(crate) fn close_unentitled<'u>(
        &self,
        session: &mut Session,
        user: impl Fn(&[u8]) -> Option<&'u Arc<User>>,
    ) {
        let mut users = BTreeMap::new();
        for client in self.clients().all() {
            let user = user(&client.user.to_vec()).filter(|user| !user.is_unrestricted());
            if let Some(user) = user.filter(|_| !client.is_trusted()) {
                users.insert(client.id, user);
            }
        }
        if users.is_empty() {
            return;
        }
        let mut unentitled: Vec<Arc<Client>> = Vec::new();
        for kind in Kind::ALL {
            self.listeners().visit(kind, |name, client| {
                if users.get(&client.id).is_some_and(|user| !may_listen(user, kind, name)) {
                    unentitled.push(Arc::clone(client));
                }
            });
        }
        for client in unentitled {
            self.send_away(session, &client);
        }
    }

    /// A session has just begun to listen to this: closes it if its user was denied that meanwhile.
    pub(crate) fn recheck_subscription(&self, session: &mut Session, kind: Kind, name: &[u8]) {
        if !self.is_login_current(session) && !session.is_trusted() {
            let is_denied = self.read_users(|users| {
                users.find(session.user().name()).is_some_and(|user| !may_listen(user, kind, name))
            });
            if is_denied {
                self.end_subscriptions(session);
                session.close_after_reply();
            }
        }
    }

    /// Closes a client's connection, if it is the session's own behind the reply.
    pub(crate) fn send_away(&self, session: &mut Session, client: &Client) {
        if client.id == session.client.id {
            self.end_subscriptions(session);
            session.close_after_reply();
        } else {
            client.kill();
        }
    }
}

fn may_listen(user: &User, kind: Kind, name: &[u8]) -> bool {
    match kind {
        Kind::Channel | Kind::ShardChannel => user.may_use_channel(name),
        Kind::Pattern => user.may_use_channel_pattern(name),
    }
}
