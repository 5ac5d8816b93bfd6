// How Chinese is set.

/** What stands between a word and this: a blank before figures, nothing before words. */
export const space = (text) => (/^\d/.test(text) ? " " : "");
