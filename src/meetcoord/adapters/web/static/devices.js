// The check of camera and microphone: shows and measures on this device only, and lets go of both when told.

const element = (id) => document.getElementById(id);
const FAULTS = {
  NotAllowedError: "refused", SecurityError: "insecure", NotFoundError: "missing", NotReadableError: "busy",
  AbortError: "busy", OverconstrainedError: "unsuitable",
};
const EACH = ["camera", "microphone"];
const WANTED = { camera: { video: { facingMode: "user" } }, microphone: { audio: true } };
const AGREEABLE = ["asking", "listening", "works"];
const HEARD = 0.01; // of 1: the root mean square of a low voice at a desk
const PATIENCE = 6000; // ms of silence before we say so

export class DeviceCheck {
  #say;
  #round = 0; // an answer that comes after the check was stopped is let go at once
  #found = {}; // the word for each
  #streams = [];
  #sound = null;
  #ticking = 0;

  constructor(say) {
    this.#say = say;
    element("check-start").addEventListener("click", () => this.#start());
    element("check-stop").addEventListener("click", () => { this.stop(); element("check-start").focus(); });
    addEventListener("pagehide", () => this.stop());
  }

  // Nothing is looked through or listened to from now on.
  stop() {
    this.#release();
    this.#found = {};
    this.show();
  }

  show() {
    const words = Object.values(this.#found);
    const faults = [...new Set(words.filter((word) => !AGREEABLE.includes(word)))];
    for (const each of EACH) {
      write(element(each), this.#found[each] ? this.#say(each, { found: this.#say(this.#found[each]) }) : "");
    }
    write(element("cures"), faults.map((fault) => this.#say(`cure_${fault}`)).join("\n"));
    element("cures").hidden = element("check-help").hidden = !faults.length;
    element("check-found").hidden = !words.length;
    element("check-stop").hidden = !this.#streams.length;
    const held = document.activeElement === element("check-start");
    element("check-start").hidden = this.#streams.length > 0 && !faults.length;
    if (held && element("check-start").hidden) element("check-stop").focus(); // not back to the top of the page
    write(element("check-start"), this.#say(faults.length ? "check_again" : "check_start"));
    element("preview").hidden = this.#found.camera !== "works";
    element("preview").ariaLabel = this.#say("preview");
    element("level").hidden = element("level-label").hidden = !this.#sound;
  }

  async #start() {
    this.#release();
    const round = this.#round;
    this.#found = { camera: "asking", microphone: "asking" };
    this.show();
    const both = await this.#take({ ...WANTED.camera, ...WANTED.microphone }, round);
    if (["missing", "busy", "unsuitable", "unknown"].includes(both)) await this.#startEach(round);
    else if (round === this.#round) this.#note(both, both);
  }

  // One of them fails: which?
  async #startEach(round) {
    const camera = await this.#take(WANTED.camera, round);
    const microphone = await this.#take(WANTED.microphone, round);
    if (round === this.#round) this.#note(camera, microphone);
  }

  #note(camera, microphone) {
    this.#found = { camera, microphone: microphone === "works" ? "listening" : microphone };
    this.show();
  }

  // "works", or the word for what went wrong.
  async #take(wanted, round) {
    if (!navigator.mediaDevices?.getUserMedia) return "insecure";
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      if (round !== this.#round) stream.getTracks().forEach((track) => track.stop());
      else this.#use(stream);
      return "works";
    } catch (error) {
      return /system/i.test(error.message) && error.name === "NotAllowedError" ? "system" : FAULTS[error.name] ?? "unknown";
    }
  }

  #use(stream) {
    this.#streams.push(stream);
    for (const track of stream.getTracks()) {
      const which = track.kind === "video" ? "camera" : "microphone";
      track.addEventListener("ended", () => { this.#found[which] = "missing"; this.show(); }); // unplugged
    }
    if (stream.getVideoTracks().length) element("preview").srcObject = stream;
    if (stream.getAudioTracks().length) this.#listen(stream);
  }

  #listen(stream) {
    this.#sound = new AudioContext();
    this.#sound.resume(); // some browsers forget that a button was pressed
    const meter = this.#sound.createAnalyser();
    this.#sound.createMediaStreamSource(stream).connect(meter);
    const [samples, silentAt] = [new Float32Array(meter.fftSize), Date.now() + PATIENCE];
    this.#ticking = setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      this.#hear(Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length), silentAt);
    }, 100);
  }

  #hear(level, silentAt) {
    element("level").value = Math.min(1, level * 6); // a voice reaches the middle
    const word = level > HEARD ? "works" : Date.now() > silentAt ? "silent" : "listening";
    const before = this.#found.microphone;
    if ((before === "listening" && word !== before) || (before === "silent" && word === "works")) {
      this.#found.microphone = word;
      this.show();
    }
  }

  #release() {
    this.#round += 1;
    clearInterval(this.#ticking);
    this.#sound?.close();
    this.#streams.flatMap((stream) => stream.getTracks()).forEach((track) => track.stop());
    [this.#streams, this.#sound, element("preview").srcObject] = [[], null, null];
  }
}

function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
