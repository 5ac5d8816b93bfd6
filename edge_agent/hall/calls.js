// Which calls are known, so that none is lost and none is announced twice.

const FRESH_MS = 15000; // older ones are shown without a chime: their customers have gone to the counter
const REMEMBERED = 200;

export class Calls {
  /** `now()` gives the branch's time in ms. */
  constructor(now) {
    this.now = now;
    this.known = new Map(); // label -> the latest call of it; the last one put in is the newest
    this.undone = new Map(); // label -> when its call was taken back
    this.day = null;
    this.started = false;
    this.forgotten = false; // whether the last `reconcile` began a new day
  }

  /** An event of the stream. Gives the call, or null when it is known already. */
  heard(event) {
    const before = this.known.get(event.label);
    if (before && Date.parse(event.at) <= before.at) return null;
    const times = event.type === "TicketRecalled" && before ? before.times + 1 : 1;
    return this.put({ ...event, at: Date.parse(event.at), times, seq: event.journal_seq });
  }

  /** A call that was a mistake. */
  takeBack(event) {
    this.known.delete(event.label);
    this.undone.set(event.label, Date.parse(event.at));
  }

  /** The branch's own list. Gives the calls that were not known, oldest first. */
  reconcile(queues) {
    this.forgotten = this.day !== null && this.day !== `${queues.epoch} ${queues.business_day}`;
    this.day = `${queues.epoch} ${queues.business_day}`;
    if (this.forgotten) [this.known, this.undone].forEach((map) => map.clear());
    this.dropTakenBack(queues);
    const missed = queues.calls
      .map((call) => ({ ...call, at: Date.parse(call.at), seq: queues.journal_seq }))
      .filter((call) => call.at > (this.known.get(call.label)?.at ?? -Infinity))
      .filter((call) => call.at > (this.undone.get(call.label) ?? -Infinity))
      .sort((one, other) => one.at - other.at)
      .map((call) => this.put(call));
    if (!this.started) missed.forEach((call) => (call.fresh = false));
    this.started = true;
    this.inOrder();
    return missed;
  }

  /** Calls that the branch no longer lists among calls as late: undone, or their tickets wait again. */
  dropTakenBack(queues) {
    const listed = new Set(queues.calls.map((call) => call.label));
    const oldest = Math.min(...queues.calls.map((call) => Date.parse(call.at)));
    for (const call of this.known.values()) {
      const older = call.seq <= queues.journal_seq && (!listed.size || call.at >= oldest);
      if (older && !listed.has(call.label)) this.known.delete(call.label);
    }
  }

  has(call) {
    return this.known.has(call.label);
  }

  newestFirst() {
    return [...this.known.values()].reverse();
  }

  put({ label, counter, at, times, seq }) {
    const call = { label, counter, at, times, seq, fresh: this.now() - at < FRESH_MS };
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
