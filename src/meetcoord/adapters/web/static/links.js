// Finds a link's secret in whatever a mail program made of the link: broken over lines, quoted, wrapped, escaped.

const NOISE = /=(?=\s*\n)|[\s<>|\u00ad\u200b-\u200f\u2060\ufeff]+/g; // none of these belongs to a link
const WHOLE = /eyJ[\w-]+\.[\w-]+\.[\w-]{43}/; // the signature has 43 characters: what follows is the sentence's
const BEGUN = /eyJ[\w-]{8,}/;

// The secret, and whether only a piece of one is there.
export function read(text) {
  const plain = unescaped(text).replace(NOISE, "").replace(/[\u2010\u2011]/g, "-");
  const [token] = plain.match(WHOLE) ?? [""];
  return { token, cut: !token && BEGUN.test(plain) };
}

function unescaped(text) {
  return text
    .replace(/&#(?:x([\da-f]+)|(\d+));/gi, (_, hex, decimal) => character(hex ? parseInt(hex, 16) : Number(decimal)))
    .replace(/%(?:25)*([2-7][\da-f]|0[ad])/gi, (_, hex) => character(parseInt(hex, 16)));
}

const character = (code) => (code < 0x80 ? String.fromCharCode(code) : " ");
