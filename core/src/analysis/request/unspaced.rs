//! Acts in scripts without spaces, where phrases are found inside of the sentence.

use super::{Act, Kind};
use crate::analysis::words::Words;

/// Requests in scripts without spaces.
pub(super) fn act(words: &Words<'_>) -> Option<Act> {
    const COURTESIES: &[&str] = &[
        "よろしくお願い",
        "宜しくお願い",
        "お世話になって",
        "ご了承ください",
        "ご遠慮ください",
        "お気軽に",
        "ご安心ください",
        "请勿回复",
        "请注意",
        "如有任何问题",
        "如有问题",
        "감사합니다",
        "문의",
        "ありがとう",
        "请查收",
        "お問い合わせください",
        "ご連絡をお待ち",
    ];
    const REQUESTS: &[&str] = &[
        "ください",
        "下さい",
        "お願いします",
        "お願いいたします",
        "お願い致します",
        "いただけますか",
        "いただけません",
        "もらえますか",
        "もらえません",
        "くれますか",
        "してほしい",
        "願えますか",
        "请",
        "請",
        "麻烦",
        "能否",
        "能不能",
        "可以帮",
        "주세요",
        "주시겠",
        "부탁",
        "주실 수",
        "해줘",
        "바랍니다",
    ];
    const PROMISES: &[&str] = &[
        "送ります",
        "お送りします",
        "いたします",
        "连絡します",
        "連絡します",
        "我会",
        "我將",
        "我将",
        "하겠습니다",
        "드리겠습니다",
        "対応します",
    ];
    const PROPOSALS: &[&str] = &[
        "しましょう",
        "ませんか",
        "いかがでしょう",
        "いかがですか",
        "我们可以",
        "어떠세요",
        "할까요",
        "怎么样",
    ];
    let piece = words.piece();
    let has = |list: &[&str]| list.iter().any(|phrase| piece.contains(phrase));
    let found = |kind, confidence| Some(Act::new(kind, 0, confidence));
    if has(COURTESIES) {
        // `資料を送ってください。よろしくお願いします` in one sentence is rare; the polite formula is not.
        return found(Kind::Courtesy, 0.7);
    }
    if has(REQUESTS) {
        return found(Kind::Request, 0.8);
    }
    if has(PROPOSALS) {
        return found(Kind::Proposal, 0.6);
    }
    if has(PROMISES) {
        return found(Kind::Commitment, 0.75);
    }
    if piece.ends_with(['?', '？']) || piece.ends_with("か。") || piece.ends_with("吗。") {
        return found(Kind::Question, 0.7);
    }
    None
}
