//! x
use super::model::PullRequest;
/// x
pub fn text(request: &PullRequest, _command: &str) -> String {
    request.title.clone()
}
