//! `prompt` and `max_age` (OpenID Connect Core §3.1.2.1), which plain OAuth clients send as well.

use crate::model::authorization_request::Prompt;
use crate::model::refusal::Refusal;
use crate::wire::ErrorCode;

/// Reads `prompt`. Values that are not known here ask for pages that do not exist here and are passed over; `none` stands alone.
pub fn check_prompt(sent: Option<&str>) -> Result<Vec<Prompt>, Refusal> {
    let words: Vec<&str> = sent.unwrap_or_default().split(' ').filter(|word| !word.is_empty()).collect();
    if words.contains(&Prompt::None.as_str()) && words.len() > 1 {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "prompt=none excludes every other value of prompt."));
    }
    let mut prompts: Vec<Prompt> = Vec::new();
    for prompt in words.into_iter().filter_map(Prompt::parse) {
        if !prompts.contains(&prompt) {
            prompts.push(prompt);
        }
    }
    Ok(prompts)
}

/// Reads `max_age`, seconds; more than fits is the most that fits, which is 68 years.
pub fn check_max_age(sent: Option<&str>) -> Result<Option<i32>, Refusal> {
    let Some(text) = sent else { return Ok(None) };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "max_age is not a whole number of seconds."));
    }
    Ok(Some(text.parse().unwrap_or(i32::MAX)))
}

#[cfg(test)]
mod tests;
