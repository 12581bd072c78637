package io.multisqs.internal;

import java.time.Duration;

/**
 * Until when a received message is surely invisible to others.
 *
 * <p>SQS counts the visibility timeout from its own answer, which is a little before this process
 * sees it; the margin covers that little, and the time that a call takes.
 *
 * @param until surely invisible before this reading of the clock
 * @param renewAt when to extend it: half way, so that several tries fit in what is left
 * @param endsAt when SQS will extend it no more: 12 h after the receive, less the margin
 * @param receivedAt when the message was received
 */
record Lease(long until, long renewAt, long endsAt, long receivedAt) {
  /** SQS hides a message no longer than this in all (developer guide, visibility timeout). */
  static final Duration LIMIT = Duration.ofHours(12);

  private static final long MIN_MARGIN = Duration.ofMillis(200).toNanos();
  private static final long MAX_MARGIN = Duration.ofSeconds(5).toNanos();

  static Lease received(long now, Duration visibility) {
    long margin = margin(visibility.toNanos());
    return of(now, visibility.toNanos(), now + LIMIT.toNanos() - margin, now);
  }

  /** The lease after an extension that was asked for at {@code calledAt}. */
  Lease extended(long calledAt, Duration visibility) {
    return of(calledAt, visibility.toNanos(), endsAt, receivedAt);
  }

  /** The same lease, to be extended at another time. */
  Lease renewingAt(long time) {
    return new Lease(until, time, endsAt, receivedAt);
  }

  /** The same lease, over. */
  Lease endedAt(long time) {
    return new Lease(time, time, endsAt, receivedAt);
  }

  private static Lease of(long from, long visibility, long endsAt, long receivedAt) {
    long until = from + visibility - margin(visibility);
    if (until - endsAt > 0) {
      until = endsAt;
    }
    return new Lease(until, from + visibility / 2, endsAt, receivedAt);
  }

  private static long margin(long visibility) {
    return Math.max(MIN_MARGIN, Math.min(MAX_MARGIN, visibility / 10));
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
