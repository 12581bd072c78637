package io.multisqs.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * The head of a group is done with while the lease of the one behind it runs out, and another slot
 * looks for work: the follower starts after its head or is dropped, once, and the books are closed.
 */
@JCStressTest
@Outcome(id = "started, 0 0 0 0 0", expect = Expect.ACCEPTABLE, desc = "It started in time.")
@Outcome(id = "dropped, 0 0 0 0 0", expect = Expect.ACCEPTABLE, desc = "It was dropped.")
@State
public class FifoGateStress {
  private final Bench bench = new Bench(true);
  private final Delivery head = bench.entered("head", 1);
  private final Delivery follower = bench.entered("follower", 1);
  private volatile boolean headIsDone;
  private volatile boolean overtook;
  private volatile boolean started;

  public FifoGateStress() {
    bench.startBest();
  }

  @Actor
  public void headEnds() {
    bench.locked(
        () -> {
          headIsDone = true;
          bench.board.finishing.handled(head, System.nanoTime(), null);
          bench.board.close(head, io.multisqs.internal.Outcome.HANDLED);
        });
    startFollower();
  }

  @Actor
  public void keeper() {
    startFollower();
    bench.locked(
        () -> {
          if (follower.stage == Delivery.Stage.WAITING) {
            bench.board.leases.drop(follower);
          }
        });
  }

  private void startFollower() {
    Delivery next = bench.startBest();
    if (next != null) {
      overtook |= !headIsDone;
      started = true;
      bench.finish(next);
    }
  }

  @Arbiter
  public void after(LL_Result result) {
    startFollower();
    result.r1 = overtook ? "overtook" : started ? "started" : "dropped";
    result.r2 = bench.books();
  }
}
