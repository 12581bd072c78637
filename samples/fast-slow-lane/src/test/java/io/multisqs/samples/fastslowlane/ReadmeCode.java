package io.multisqs.samples.fastslowlane;

import io.multisqs.CircuitBreaker;
import io.multisqs.FailureAction;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerState;
import io.multisqs.MultiSqsListener;
import io.multisqs.QueueSnapshot;
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

  static boolean isHealthy(MultiSqsListener listener, Duration interval) {
    var now = listener.snapshot();
    return now.state() == ListenerState.RUNNING
        && now.queues().stream().allMatch(queue -> isServed(queue, interval.plusSeconds(60)));
  }

  static boolean isServed(QueueSnapshot queue, Duration patience) {
    return switch (queue.status()) {
      case BACKING_OFF, BREAKER_OPEN -> false;
      // Asked all the time, and a long poll is answered within 20 s; or once in each interval.
      case IDLE, DUE -> queue.lastSuccessfulPoll().orElse(Duration.ZERO).compareTo(patience) < 0;
      default -> true;
    };
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
