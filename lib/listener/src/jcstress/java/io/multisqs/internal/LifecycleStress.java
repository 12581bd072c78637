package io.multisqs.internal;

import io.multisqs.ListenerEvents;
import io.multisqs.ListenerState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** A start and a stop at once: the stop is never lost, and no second start is taken. */
@JCStressTest
@Outcome(id = "false, false, TERMINATED", expect = Expect.ACCEPTABLE, desc = "The stop came first.")
@Outcome(id = "true, false, STOPPING", expect = Expect.ACCEPTABLE, desc = "The start came first.")
@State
public class LifecycleStress {
  private final Lifecycle lifecycle = new Lifecycle(new Events(ListenerEvents.NONE, Runnable::run));

  private boolean start() {
    try {
      lifecycle.start();
    } catch (IllegalStateException e) {
      return false;
    }
    lifecycle.move(ListenerState.STARTING, ListenerState.RUNNING);
    return true;
  }

  @Actor
  public void start(ZZL_Result result) {
    result.r1 = start();
  }

  @Actor
  public void stop() {
    // The order in which a listener's own stop asks.
    if (!lifecycle.move(ListenerState.NEW, ListenerState.TERMINATED)
        && !lifecycle.move(ListenerState.STARTING, ListenerState.STOPPING)) {
      lifecycle.move(ListenerState.RUNNING, ListenerState.STOPPING);
    }
  }

  @Arbiter
  public void state(ZZL_Result result) {
    result.r2 = start();
    result.r3 = lifecycle.state();
  }
}
