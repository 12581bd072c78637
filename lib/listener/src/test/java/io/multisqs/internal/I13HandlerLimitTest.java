package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.FailureAction;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testlog.Lines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I13")
class I13HandlerLimitTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private final List<String> reports = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final List<Duration> interruptedAfter = new ArrayList<>();

  @AfterEach
  void close() {
    listener.close();
  }

  private void limited(SimulatedListener.Work firstReceive) {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .handlerTimeout(Duration.ofSeconds(5))
                .retry(RetryPolicy.fixed(Duration.ofSeconds(1)))
                .prefetch(10)
                .build())
        .options(
            ListenerOptions.builder()
                .events(
                    new ListenerEvents() {
                      @Override
                      public void timedOut(ReceivedMessage message, Duration limit) {
                        reports.add(message.body() + " after " + limit);
                      }

                      @Override
                      public void failed(
                          ReceivedMessage message,
                          Throwable failure,
                          FailureAction action,
                          Duration elapsed) {
                        failures.add(failure);
                      }
                    }))
        .handler(
            message -> {
              if (message.receiveCount() == 1 && message.body().equals("slow")) {
                firstReceive.on(message);
              }
            });
  }

  private void sleepLong(ReceivedMessage message) throws InterruptedException {
    Duration from = listener.simulation.now();
    try {
      listener.work(Duration.ofMinutes(10));
    } catch (InterruptedException e) {
      interruptedAfter.add(listener.simulation.now().minus(from));
      throw e;
    }
  }

  @Test
  void aHandlerPastItsLimitIsInterruptedReportedAndItsMessageRetried() {
    limited(this::sleepLong);
    listener.send("q", "slow");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(interruptedAfter).containsExactly(Duration.ofSeconds(5));
    assertThat(reports).containsExactly("slow after PT5S");
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("handler passed its time limit of 5000 ms")
        .hasSuppressedException(failures.get(0).getSuppressed()[0]);
    assertThat(listener.order()).containsExactly("slow", "slow");
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void oneThatSwallowsTheInterruptIsRetriedAllTheSame() {
    limited(
        message -> {
          try {
            sleepLong(message);
          } catch (InterruptedException e) {
            // It returns as if all was well, its work undone.
          }
        });
    listener.send("q", "slow");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(failures).hasSize(1);
    assertThat(listener.order()).containsExactly("slow", "slow");
  }

  @Test
  void theInterruptDoesNotReachTheNextMessage() {
    boolean[] interrupted = {false};
    limited(
        message -> {
          try {
            sleepLong(message);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    listener.options(
        ListenerOptions.builder()
            .interceptor(
                (message, next) -> {
                  interrupted[0] |= Thread.currentThread().isInterrupted();
                  next.proceed();
                }));
    listener.send("q", "slow", "next", "and the next");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(listener.starts).hasSize(4);
    assertThat(interrupted[0]).isFalse();
  }

  @Test
  void oneWithinItsLimitIsLeftAlone() {
    limited(message -> listener.work(Duration.ofMillis(4999)));
    listener.send("q", "slow");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(reports).isEmpty();
    assertThat(failures).isEmpty();
    assertThat(listener.order()).containsExactly("slow");
  }

  @Test
  void withoutALimitNothingIsInterrupted() {
    listener.queue(SqsListenerConfig.of("q")).handlersTake(Duration.ofHours(10));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofHours(11));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void aHandlerPastItsLimitIsLoggedOnceAndBeforeWhatBecomesOfIt() {
    limited(message -> listener.work(Duration.ofMinutes(1)));
    List<String> lines = new ArrayList<>();
    Lines.Sink sink = (name, line) -> lines.add(line);
    listener.build();
    Lines.add(sink);
    try {
      for (int i = 0; i < 3; i++) {
        listener.send("q", "slow");
      }
      listener.startBuilt().runFor(Duration.ofMinutes(1));
    } finally {
      Lines.remove(sink);
    }
    assertThat(failures).hasSize(3);
    assertThat(reports).hasSize(3);
    assertThat(lines.stream().filter(line -> line.startsWith("WARN"))).hasSize(1);
    assertThat(lines.get(0)).contains("passed its time limit of 5000 ms");
  }
}
