package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.CircuitBreaker;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.Polling;
import io.multisqs.QueueStatus;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What queues cost that have nothing, and what is said of those that are not asked. */
@Tag("I14")
class I14IdlePollersTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anIdleQueueHasOnePollerHoweverOftenItIsAnswered(boolean heard) {
    for (int q = 0; q < 5; q++) {
      listener.queue(SqsListenerConfig.of("q" + q));
    }
    if (heard) {
      listener.options(ListenerOptions.builder().events(new ListenerEvents() {}));
    }
    listener.start().runFor(Duration.ofSeconds(65));
    assertThat(listener.way.receives).hasSize(15);
    assertThat(listener.pollersStarted).isEqualTo(5);
  }

  @Test
  void usersWhoTakeLongToBeToldHoldNoQueueUpMoreThanOnce() {
    listener
        .queue(
            SqsListenerConfig.builder("q").polling(Polling.longPoll(Duration.ofSeconds(1))).build())
        .options(
            ListenerOptions.builder()
                .events(
                    new ListenerEvents() {
                      @Override
                      public void received(String queue, int messages, Duration elapsed) {
                        listener.simulation.pass(Duration.ofSeconds(10));
                      }
                    }));
    listener.start().runFor(Duration.ofMinutes(5));
    assertThat(listener.way.receives.size()).isGreaterThan(200);
  }

  private long errorsIn(RecordedLog log) {
    return log.lines().stream().filter(line -> line.contains("was answered for")).count();
  }

  @Test
  void aQueueThatWasNotToBeAskedIsNotSilent() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.SilenceWatch")) {
      listener
          .queue(SqsListenerConfig.of("busy"))
          .queue(SqsListenerConfig.of("paused"))
          .queue(SqsListenerConfig.builder("gated").priority(0).build())
          .queue(
              SqsListenerConfig.builder("failing")
                  .circuitBreaker(CircuitBreaker.after(1, Duration.ofMinutes(10)))
                  .retry(RetryPolicy.fixed(Duration.ofHours(1)))
                  .build())
          .handler(
              message -> {
                if (message.queue().equals("failing")) {
                  throw new IllegalStateException("as told");
                }
                listener.work(Duration.ofMinutes(10));
              });
      listener.send("failing", "f");
      listener.start().runFor(Duration.ofSeconds(5));
      listener.locked(() -> listener.board.pause(listener.lane("paused"), true));
      listener.send("busy", "one", "two", "three");
      listener.runFor(Duration.ofMinutes(25));
      assertThat(listener.snapshot("busy").status()).isEqualTo(QueueStatus.BUSY);
      listener.locked(() -> listener.board.pause(listener.lane("paused"), false));
      for (int i = 0; i < 200; i++) {
        listener.runFor(Duration.ofSeconds(7));
        for (Lane lane : listener.board.lanes) {
          long now = listener.simulation.nanoTime();
          listener.locked(
              () ->
                  assertThat(
                          SilenceWatch.shouldBeReceived(listener.board, lane, now)
                              && now - SilenceWatch.silentSince(lane)
                                  > Duration.ofSeconds(60).toNanos())
                      .as("%s is silent", lane)
                      .isFalse());
        }
      }
      assertThat(errorsIn(log)).isZero();
    }
  }

  @Test
  void aQueueWhoseReceiveHangsIsSilent() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.SilenceWatch")) {
      listener.queue(SqsListenerConfig.of("q"));
      listener.way.hangsOn = "q";
      listener.start().runFor(Duration.ofMinutes(4));
      assertThat(errorsIn(log)).isOne();
    }
  }

  @Test
  void longPollsThatComeBackAtOnceArePacedAndSaidOnce() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.QueuePoller")) {
      listener.queue(SqsListenerConfig.of("a")).queue(SqsListenerConfig.of("b"));
      listener.way.nothingStands = true;
      listener.start().runFor(Duration.ofMinutes(10));
      assertThat(listener.way.receives.size()).as("as if they stood, nearly").isLessThan(90);
      assertThat(listener.snapshot("a").status()).isEqualTo(QueueStatus.BACKING_OFF);
      List<String> said =
          log.lines().stream().filter(line -> line.contains("come back empty at once")).toList();
      assertThat(said).as("once for each queue").hasSize(2);
      listener.way.nothingStands = false;
      listener.runFor(Duration.ofSeconds(60));
      int before = listener.way.receives.size();
      listener.send("a", "m");
      listener.runFor(Duration.ofSeconds(1));
      assertThat(listener.order()).containsExactly("m");
      assertThat(listener.way.receives.size()).isGreaterThan(before);
      assertThat(listener.snapshot("a").status()).isEqualTo(QueueStatus.IDLE);
    }
  }

  @Test
  void aMessageEndsThePacing() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.way.nothingStands = true;
    listener.start().runFor(Duration.ofMinutes(1));
    listener.send("q", "a");
    listener.runFor(Duration.ofSeconds(20));
    assertThat(listener.order()).containsExactly("a");
    int before = listener.way.receives.size();
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.way.receives.size() - before).as("it starts anew").isLessThan(5);
  }
}
