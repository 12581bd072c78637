package io.multisqs.internal;

import java.time.Duration;

/**
 * Until when a received message is surely invisible to others.
 *
 * <p>SQS counts the visibility timeout from its own answer, which is a little before this process
 * sees it: see {@link #countedFrom}. The margin covers what that leaves open, and the time that a
 * call takes.
 *
 * @param askedAt when the call was sent that brought it
 * @param until surely invisible before this reading of the clock
 * @param renewAt when to extend it: half way, so that several tries fit in what is left
 * @param endsAt when SQS will extend it no more: 12 h after the receive, less the margin
 */
record Lease(long askedAt, long until, long renewAt, long endsAt) {
  /** SQS hides a message no longer than this in all (developer guide, visibility timeout). */
  static final Duration LIMIT = Duration.ofHours(12);

  private static final long MIN_MARGIN = Duration.ofMillis(200).toNanos();
  private static final long MAX_MARGIN = Duration.ofSeconds(5).toNanos();

  /**
   * From when the lease of what a receive brought is counted. From its start, if that costs no more
   * than a third of the timeout: then neither a slow answer nor a thread that was kept from reading
   * it matters. Else the receive stood, and all that is known is that SQS answered within its wait.
   */
  static long countedFrom(long askedAt, long now, Duration wait, Duration visibility) {
    if (now - askedAt <= visibility.toNanos() / 3) {
      return askedAt;
    }
    long latest = askedAt + wait.toNanos();
    return now - latest < 0 ? now : latest;
  }

  /**
   * What is left of a visibility timeout, at the least, when a message arrives, before it is due.
   */
  static Duration shortestUntilDue(Duration visibility) {
    return visibility.dividedBy(6);
  }

  static Lease received(long from, Duration visibility) {
    long margin = margin(visibility.toNanos());
    return of(from, visibility.toNanos(), from + LIMIT.toNanos() - margin);
  }

  /** The lease after an extension that was asked for at {@code calledAt}. */
  Lease extended(long calledAt, Duration visibility) {
    return of(calledAt, visibility.toNanos(), endsAt);
  }

  /** The same lease, to be extended at another time. */
  Lease renewingAt(long time) {
    return new Lease(askedAt, until, time, endsAt);
  }

  /** The same lease by a clock that stood still for so long since it was counted. */
  Lease earlierBy(long nanos) {
    return nanos == 0 ? this : new Lease(askedAt, until - nanos, renewAt - nanos, endsAt - nanos);
  }

  /** The one of the two that ends first. */
  Lease orShorter(Lease other) {
    return until - other.until <= 0 ? this : other;
  }

  /** The same lease, over. */
  Lease endedAt(long time) {
    return new Lease(askedAt, time, time, endsAt);
  }

  private static Lease of(long from, long visibility, long endsAt) {
    long until = from + visibility - margin(visibility);
    if (until - endsAt > 0) {
      until = endsAt;
    }
    return new Lease(from, until, from + visibility / 2, endsAt);
  }

  /** How long to wait for an extension's answer before another is sent: three fit in. */
  static Duration patience(Duration visibility) {
    return Duration.ofNanos((visibility.toNanos() / 2 - margin(visibility.toNanos())) / 3);
  }

  private static long margin(long visibility) {
    return Math.max(MIN_MARGIN, Math.min(MAX_MARGIN, visibility / 10));
  }

  /** Whether there is time enough to start on it: its handler and its delete come after that. */
  boolean leavesTimeToStart(long now, Duration visibility) {
    return !mayHaveRunOut(now + margin(visibility.toNanos()));
  }

  boolean mayHaveRunOut(long now) {
    return now - until >= 0;
  }

  /** Whether an extension would be worth its call: not in the last seconds of the 12 h. */
  boolean canBeExtended(long now) {
    return endsAt - now >= Duration.ofSeconds(1).toNanos();
  }

  /** What to ask for: the queue's timeout, or what is left of the 12 h, in whole seconds. */
  int extension(long now, Duration visibility) {
    long seconds = Math.min(visibility.toSeconds(), (endsAt - now) / 1_000_000_000L);
    return (int) Math.max(1, seconds);
  }

  /** A time as SQS takes it: in whole seconds, rounded up. */
  static int wholeSeconds(Duration time) {
    return (int) ((time.toMillis() + 999) / 1000);
  }
}
