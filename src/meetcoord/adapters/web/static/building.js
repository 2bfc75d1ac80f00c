// Elements made of text: nothing here can become markup.

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== "" && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export const write = (target, text) => {
  if (target.textContent !== text) target.textContent = text; // a screen reader repeats what is written again
};

// The beginning of a digest, with a button for the whole of it.
export function digest(value, what, say) {
  const button = make("button", {
    type: "button", class: "copy", "aria-label": say("copy_what", { what }), click: () => copy(value, button, say),
  }, say("copy"));
  return make("span", { class: "digest" }, make("code", { title: value }, `${value.slice(0, 12)}…`), " ", button);
}

async function copy(value, button, say) {
  try {
    await navigator.clipboard.writeText(value);
    write(button, say("copied"));
  } catch { /* then the whole digest is in the title */ }
}

export function save(bytes, name) {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
