// One WebSocket that comes back by itself: exponential back-off with jitter, heartbeat, at once when
// the network or the tab returns. Dispatches `open`, `frame` (detail: object) and `state`
// (detail: {state: "connecting" | "open" | "waiting", seconds}).

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const HEARTBEAT_MS = 25_000;
const ANSWER_MS = 10_000;

export class Link extends EventTarget {
  constructor(path) {
    super();
    this.url = new URL(path, location.href);
    this.url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.failures = 0;
    this.socket = null;
    addEventListener("online", () => this.reconnect());
    addEventListener("offline", () => this.#drop());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.timer) this.reconnect();
    });
    // A page that returns from the back/forward cache has lost its socket.
    addEventListener("pageshow", (event) => event.persisted && this.reconnect());
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    this.#stopTimer();
    this.#tell("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    const ifCurrent = (handler) => (event) => this.socket === socket && handler(event);
    socket.addEventListener("open", ifCurrent(() => this.#opened()));
    socket.addEventListener("message", ifCurrent((event) => this.#received(event.data)));
    socket.addEventListener("close", ifCurrent(() => this.#drop()));
  }

  /** Try again now, unless a connection is open or under way. */
  reconnect() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    this.failures = 0;
    this.connect();
  }

  /** Send if open; returns whether it was handed to the socket. */
  send(frame) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The other side seems gone: give this socket up and begin again. */
  abandon() {
    this.#drop();
  }

  /** The server took us in: the next loss starts the back-off from its beginning. */
  settle() {
    this.failures = 0;
  }

  #opened() {
    this.heartbeat = setInterval(() => this.#ping(), HEARTBEAT_MS);
    this.#tell("open");
    this.dispatchEvent(new Event("open"));
  }

  #ping() {
    this.send({ type: "ping" });
    this.expectation ??= setTimeout(() => this.abandon(), ANSWER_MS);
  }

  #received(data) {
    clearTimeout(this.expectation);
    this.expectation = null;
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame && typeof frame.type === "string") this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #drop() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    clearInterval(this.heartbeat);
    clearTimeout(this.expectation);
    this.expectation = null;
    if (this.timer) return;
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures) * (0.75 + Math.random() / 2);
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), delay);
    this.#tell("waiting", Math.ceil(delay / 1000));
  }

  #stopTimer() {
    clearTimeout(this.timer);
    this.timer = null;
  }

  #tell(state, seconds = 0) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, seconds } }));
  }
}
