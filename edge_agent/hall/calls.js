// Which calls are known, so that none is lost and none is announced twice.

const FRESH_MS = 15000; // older ones are shown without a chime: their customers have gone to the counter
const REMEMBERED = 200;

export class Calls {
  /** `now()` gives the branch's time in ms. */
  constructor(now) {
    this.now = now;
    this.known = new Map(); // label -> the latest call of it; the last one put in is the newest
    this.day = null;
    this.started = false;
    this.forgotten = false; // whether the last `reconcile` began a new day
  }

  /** An event of the stream. Gives the call, or null when it is known already. */
  heard(event) {
    const before = this.known.get(event.label);
    if (before && Date.parse(event.at) <= before.at) return null;
    const times = event.type === "TicketRecalled" && before ? before.times + 1 : 1;
    return this.put({ ...event, at: Date.parse(event.at), times });
  }

  /** The branch's own list. Gives the calls that were not known, oldest first. */
  reconcile(queues) {
    this.forgotten = this.day !== null && this.day !== `${queues.epoch} ${queues.business_day}`;
    this.day = `${queues.epoch} ${queues.business_day}`;
    if (this.forgotten) this.known.clear();
    const missed = queues.calls
      .map((call) => ({ ...call, at: Date.parse(call.at) }))
      .filter((call) => call.at > (this.known.get(call.label)?.at ?? -Infinity))
      .sort((one, other) => one.at - other.at)
      .map((call) => this.put(call));
    if (!this.started) missed.forEach((call) => (call.fresh = false));
    this.started = true;
    this.inOrder();
    return missed;
  }

  newestFirst() {
    return [...this.known.values()].reverse();
  }

  put({ label, counter, at, times }) {
    const call = { label, counter, at, times, fresh: this.now() - at < FRESH_MS };
    this.known.delete(label);
    this.known.set(label, call);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value);
    return call;
  }

  inOrder() {
    const sorted = [...this.known].sort((one, other) => one[1].at - other[1].at);
    this.known = new Map(sorted);
  }
}
