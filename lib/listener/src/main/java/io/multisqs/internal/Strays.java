package io.multisqs.internal;

import java.time.Duration;
import java.util.List;

/**
 * Finds messages that are done with here, and that nobody is telling SQS about: an error, such as
 * the lack of memory, met the thread that was to hand them over. Left alone they would be kept
 * leased for ever, and hold up their FIFO group and the stop.
 */
final class Strays {
  private static final Log log = Log.of("io.multisqs.Strays");

  private static final long EVERY = Duration.ofSeconds(5).toNanos();

  private final Departures departures;
  private final Acknowledger acknowledger;
  private final GiveBacks giveBacks;

  Strays(Departures departures, Acknowledger acknowledger, GiveBacks giveBacks) {
    this.departures = departures;
    this.acknowledger = acknowledger;
    this.giveBacks = giveBacks;
  }

  /** Looks for them; returns when to look again. Called by the housekeeper. */
  long step(long now) {
    List<Delivery> found = departures.strays();
    for (Delivery stray : found) {
      if (stray.stage == Delivery.Stage.DELETING) {
        acknowledger.add(stray, true);
      } else {
        // With the delay that its policy asked for lost, at once: it is retried late as it is.
        giveBacks.release(stray, "there was no memory to give it back sooner");
      }
    }
    if (!found.isEmpty()) {
      log.warn("{} messages had been left on their way to SQS, and are sent on now", found.size());
    }
    acknowledger.lookAgain();
    giveBacks.lookAgain();
    return now + EVERY;
  }
}
