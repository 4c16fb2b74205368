//! A property list for an agent of launchd: launchd.plist(5).

use super::Job;
use super::mark::{self, ADVICE};

/// The whole list. An interval is counted in seconds, so that any can be said.
pub(super) fn text(job: &Job) -> String {
    let (mark, label, path, seconds) = (mark::line(job), xml(&job.whose.name), xml(&job.path), job.every.seconds());
    let words: String = [job.program.as_str()]
        .into_iter()
        .chain(job.arguments())
        .map(|word| format!("    <string>{}</string>\n", xml(word)))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {mark} -->\n<!-- {ADVICE} -->\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>{label}</string>\n  \
         <key>ProgramArguments</key>\n  <array>\n{words}  </array>\n  <key>EnvironmentVariables</key>\n  <dict>\n    \
         <key>PATH</key>\n    <string>{path}</string>\n  </dict>\n  <key>StartInterval</key>\n  \
         <integer>{seconds}</integer>\n  <key>ProcessType</key>\n  <string>Background</string>\n</dict>\n</plist>\n"
    )
}

/// Text between two tags.
fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HOSTILE, job};
    use super::text;

    #[test]
    fn hostile_paths_come_back_as_they_are() {
        for path in HOSTILE {
            let text = text(&job(path, "2d"));
            let strings: Vec<&str> = text.split("<string>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
            let read = strings[3].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            assert_eq!(read, path);
            assert!(text.contains("<integer>172800</integer>"));
            for comment in text.split("<!--").skip(1) {
                let inside = comment.split("-->").next().expect("an end");
                assert!(!inside.contains("--") && !inside.ends_with('-'), "{inside}");
            }
        }
    }
}
