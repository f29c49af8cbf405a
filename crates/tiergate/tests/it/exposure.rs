//! Whatever is asked on whatever route, a sealed model is neither reached nor revealed, and no
//! route answers without a credential. The routes come from the routers' own tables, so a new one
//! is walked too. It must not know how access is decided.

mod keys;
mod names;
mod routes;
mod scene;
mod spoofs;
