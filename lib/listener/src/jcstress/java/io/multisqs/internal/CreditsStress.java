package io.multisqs.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Two pollers receive while slots work: whatever the order, every credit is closed once. */
@JCStressTest
@Outcome(id = "0 0 0 0 0", expect = Expect.ACCEPTABLE, desc = "The books are closed.")
@State
public class CreditsStress {
  private final Bench bench = new Bench(false);

  private void receive(String id) {
    bench.locked(
        () -> {
          Grant grant = bench.board.receiving.grant(bench.lane, System.nanoTime());
          if (grant != null) {
            bench.board.receiving.settle(grant);
            bench.lane.receives.answered(grant.messages, 1, System.nanoTime());
            bench.board.enter(bench.message(id, 1), System.nanoTime());
          }
        });
  }

  private void work() {
    for (Delivery next = bench.startBest(); next != null; next = bench.startBest()) {
      bench.finish(next);
    }
  }

  @Actor
  public void pollerAndSlot() {
    receive("a");
    work();
  }

  @Actor
  public void otherPollerAndSlot() {
    receive("b");
    work();
  }

  @Arbiter
  public void books(L_Result result) {
    work();
    result.r1 = bench.books();
  }
}
