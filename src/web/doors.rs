//! The list of doors: every address of the house, kept while the router is built from it, because a router cannot be asked
//! afterwards what it answers to. Who may come in is said by each handler's arguments; that it is so for every door here,
//! whoever knocks, is held by a test. Never leaves an address out: nothing else in this room makes a router.

use axum::Router;
use axum::routing::MethodRouter;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::WebState;

/// A router that remembers its templates.
pub struct Doors<S = WebState> {
    router: Router<S>,
    templates: Vec<String>,
}

impl<S: Clone + Send + Sync + 'static> Doors<S> {
    /// No door yet.
    pub fn new() -> Self {
        Self { router: Router::new(), templates: Vec::new() }
    }

    /// One more address, as `/program/{program}`, and what it does.
    pub fn route(mut self, template: &str, methods: MethodRouter<S>) -> Self {
        self.templates.push(template.to_owned());
        Self { router: self.router.route(template, methods), templates: self.templates }
    }

    /// The doors of both.
    pub fn merge(mut self, others: Self) -> Self {
        self.templates.extend(others.templates);
        Self { router: self.router.merge(others.router), templates: self.templates }
    }

    /// Every address, sorted.
    pub fn templates(mut self) -> Vec<String> {
        self.templates.sort();
        self.templates
    }

    /// The router itself.
    pub fn with_state(self, state: S) -> Router {
        self.router.with_state(state)
    }
}

/// Operations with their description: what is not described cannot be added.
pub struct Operations(OpenApiRouter<WebState>);

impl Operations {
    /// None yet.
    pub fn new() -> Self {
        Self(OpenApiRouter::new())
    }

    /// None yet, with what is said about all of them.
    pub fn about(all: OpenApi) -> Self {
        Self(OpenApiRouter::with_openapi(all))
    }

    /// One more operation, or several of one address.
    pub fn routes(self, described: UtoipaMethodRouter<WebState>) -> Self {
        Self(self.0.routes(described))
    }

    /// The operations of both.
    pub fn merge(self, others: Self) -> Self {
        Self(self.0.merge(others.0))
    }

    /// What is said of them.
    pub fn description(self) -> OpenApi {
        self.0.into_openapi()
    }

    /// Their doors.
    pub fn doors(self) -> Doors {
        let (router, described) = self.0.split_for_parts();
        Doors { router, templates: described.paths.paths.into_keys().collect() }
    }
}
