package io.multisqs.samples.fastslowlane;

import io.multisqs.CircuitBreaker;
import io.multisqs.FailureAction;
import io.multisqs.Health;
import io.multisqs.ListenerEvents;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.YieldException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** The README's pieces of code, so that they compile. {@link ReadmeTest} compares. */
final class ReadmeCode {
  private ReadmeCode() {}

  static SqsListenerConfig failures() {
    var orders =
        SqsListenerConfig.builder("orders")
            .retry(
                RetryPolicy.exponential(Duration.ofSeconds(1), Duration.ofMinutes(10))
                    .fromReceive(8, RetryPolicy.deadLetter())
                    .on(IllegalArgumentException.class, RetryPolicy.deadLetter()))
            .circuitBreaker(CircuitBreaker.after(20, Duration.ofSeconds(30)))
            .build();
    return orders;
  }

  static void yielding(ReceivedMessage message, List<Runnable> steps) throws YieldException {
    for (Runnable step : steps) {
      if (message.shouldYield()) {
        throw new YieldException(); // back to its place here; starts again from the beginning
      }
      step.run();
    }
  }

  static int status(Health health) {
    if (!health.up()) {
      System.err.println(health.reason()); // "no receive was answered from orders for 75 s"
    }
    return health.up() ? 200 : 503;
  }

  static final class Metrics extends ListenerEvents {
    final LongAdder handled = new LongAdder();
    final LongAdder failed = new LongAdder();

    @Override
    public void handled(ReceivedMessage message, Duration elapsed) {
      handled.increment();
    }

    @Override
    public void failed(
        ReceivedMessage message, Throwable failure, FailureAction action, Duration elapsed) {
      failed.increment();
    }
  }
}
