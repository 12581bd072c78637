package io.multisqs.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * Two handlers end, and a copy of the first message arrives, while deletes go out: each message is
 * counted as handled once, and nothing is left.
 */
@JCStressTest
@Outcome(id = "2, 0 0 0 0 0", expect = Expect.ACCEPTABLE, desc = "Each is handled once.")
@State
public class AcknowledgerStress {
  private final Bench bench = new Bench(false);

  /** Its threads are the actors: what is added waits for a step. */
  private final Acknowledger acknowledger =
      new Acknowledger(bench.board, bench.parts.events, released -> {}, thread -> {});

  private final Delivery one = bench.entered("one", 1);
  private final Delivery other = bench.entered("other", 1);

  public AcknowledgerStress() {
    bench.startBest();
    bench.startBest();
  }

  private void handled(Delivery delivery) {
    bench.board.finishing.handled(delivery, System.nanoTime(), null);
    acknowledger.add(delivery, false);
    acknowledger.step();
  }

  @Actor
  public void handler() {
    handled(one);
  }

  @Actor
  public void copyArrivesAndOtherHandler() {
    bench.locked(
        () -> {
          if (bench.lane.here.get("one") == one) {
            one.receiptHandle = "newer";
          }
        });
    handled(other);
  }

  @Arbiter
  public void after(LL_Result result) {
    acknowledger.step();
    result.r1 = bench.lane.counters.of(io.multisqs.internal.Outcome.HANDLED);
    result.r2 = bench.books();
  }
}
