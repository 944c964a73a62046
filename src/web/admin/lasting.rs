//! A form of the console that is not lost when its session has ended before it was sent.

use std::marker::PhantomData;

use axum::extract::{FromRequest, Request};
use axum::response::Response;

use crate::web::AppState;
use crate::web::admin::place::Post;
use crate::web::extract::kept::{Sorted, sort};
use crate::web::extract::recent::RecentlyAuthenticated;

/// What `P` takes from a post: a [`Post`], or one of somebody who proved a short while ago who they are. Whoever takes it has to show
/// the form again, and do nothing, where it says so.
pub(super) struct Lasting<P> {
    /// Where, and what was sent.
    pub(super) post: Post,
    /// Whether the form came too late: it is to be shown as it was filled in, and the person presses its button once more.
    pub(super) is_late: bool,
    how: PhantomData<P>,
}

impl From<RecentlyAuthenticated<Self>> for Post {
    fn from(RecentlyAuthenticated(post): RecentlyAuthenticated<Self>) -> Self {
        post
    }
}

impl<P: FromRequest<AppState, Rejection = Response> + Into<Post> + Send> FromRequest<AppState> for Lasting<P> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        match sort(request, app).await? {
            Sorted::AsSent(request) => {
                let post = P::from_request(request, app).await?.into();
                Ok(Self { post, is_late: false, how: PhantomData })
            }
            // Showing a form needs no password once more; its button will ask.
            Sorted::ToShow(request) => {
                let mut post = Post::from_request(request, app).await?;
                post.place.is_late = true;
                Ok(Self { post, is_late: true, how: PhantomData })
            }
        }
    }
}
