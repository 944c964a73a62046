//! Pages of a signed-in person: the consent page and a list of ten apps, beside a static page of the same size.

use anyhow::{Context as _, ensure};

use crate::load::{Connection, Load};
use crate::server::Bench;

/// A page that can be asked for again and again.
pub(crate) struct Page {
    /// The request.
    pub(crate) request: Vec<u8>,
    /// The length of its answer's body, in bytes.
    pub(crate) length: usize,
}

impl Bench {
    /// The consent page of a fresh authorization request, which the remembered approval would otherwise skip.
    pub(crate) async fn consent_page(&self) -> anyhow::Result<Page> {
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.send(&self.get(&format!("{}&prompt=consent", self.authorize_path()))).await?;
        let location = answer.location.with_context(|| format!("/authorize answered {}", answer.status))?;
        let path = location.trim_start_matches(&format!("http://{}", self.address)).to_owned();
        ensure!(path.starts_with("/consent/"), "/authorize leads to {path}");
        self.page(&path).await
    }

    /// The list of the org's apps.
    pub(crate) async fn list_page(&self) -> anyhow::Result<Page> {
        self.page(&self.apps_page).await
    }

    async fn page(&self, path: &str) -> anyhow::Result<Page> {
        let request = self.get(path);
        let answer = Connection::open(self.address).await?.send(&request).await?;
        ensure!(answer.status == 200, "{path} answered {}", answer.status);
        Ok(Page { request, length: answer.body.len() })
    }

    /// Pages a second.
    pub(crate) async fn pages(&self, load: Load, page: &Page) -> anyhow::Result<f64> {
        load.repeat(&page.request).await
    }
}
