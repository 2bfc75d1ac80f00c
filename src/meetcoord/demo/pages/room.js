// Checks the token in the fragment as the room would, and says who entered.
const say = (id, text) => { document.getElementById(id).textContent = text; };

const token = decodeURIComponent(location.hash.replace(/^#jwt=/, "")).replaceAll('"', "");
history.replaceState(null, "", location.pathname);

const answer = await fetch("/demo/check", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ token }),
});
const said = await answer.json();
if (answer.ok && location.pathname.endsWith("/" + said.room)) {
  say("state", "Vous êtes dans la salle");
  say("who", said.name + (said.moderator ? ", qui modère" : ""));
  say("until", "Le jeton est valable jusqu’à " + new Date(said.until * 1000).toLocaleTimeString("fr-FR"));
} else {
  say("state", "Entrée refusée");
  say("who", answer.ok ? "Ce jeton est celui d’une autre salle." : said.detail);
}
