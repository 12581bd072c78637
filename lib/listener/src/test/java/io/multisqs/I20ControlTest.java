package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.testkit.InMemorySqs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Queues and buses are paused, resumed and given other priorities while a listener runs, on real
 * threads. The one slot is held while an urgent and a bulk message wait here; which of them starts
 * when it is free shows what was changed meanwhile.
 */
@Tag("I20")
class I20ControlTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final InMemorySqs sqs = new InMemorySqs();
  private final CountDownLatch held = new CountDownLatch(1);
  private final List<String> started = new CopyOnWriteArrayList<>();
  private final MultiSqsListener listener =
      MultiSqsListener.of(
          List.of(queue("first", 9), queue("urgent", 5), queue("bulk", 1)),
          ListenerOptions.builder()
              .sqsClient(sqs)
              .region("us-east-1")
              .virtualThreads(VirtualThreads.areAskedFor())
              .build(),
          (queue, bus, priority, message) -> {
            started.add(queue + " " + priority);
            if (queue.equals("first")) {
              held.await();
            }
          });

  private SqsListenerConfig queue(String name, int priority) {
    sqs.createQueue(name);
    return SqsListenerConfig.builder(name)
        .priority(priority)
        .bus(name + "-bus")
        .prefetch(10)
        .polling(Polling.longPoll(Duration.ofSeconds(1)))
        .build();
  }

  @AfterEach
  void stop() {
    held.countDown();
    listener.close();
  }

  private void send(String queue) {
    sqs.sendMessage(
        r -> r.queueUrl(sqs.getQueueUrl(u -> u.queueName(queue)).queueUrl()).messageBody("hello"));
  }

  private QueueSnapshot snapshot(String queue) {
    return listener.snapshot().queue(queue);
  }

  /** The slot is held, and both wait here. The lower first, as it is not asked for while gated. */
  private void startWithBothWaiting() {
    listener.start();
    send("first");
    await().atMost(LONG).until(() -> started.size() == 1);
    for (String queue : List.of("bulk", "urgent")) {
      send(queue);
      await().atMost(LONG).until(() -> snapshot(queue).waiting() == 1);
    }
  }

  private void freeTheSlot(int startsToAwait) {
    held.countDown();
    await().atMost(LONG).until(() -> started.size() >= startsToAwait);
  }

  @Test
  void nothingChanged() {
    startWithBothWaiting();
    freeTheSlot(3);
    assertThat(started).containsExactly("first 9", "urgent 5", "bulk 1");
  }

  @Test
  void pauseQueueAndResumeQueue() {
    startWithBothWaiting();
    listener.pauseQueue("urgent");
    assertThat(snapshot("urgent").status()).isEqualTo(QueueStatus.PAUSED);
    freeTheSlot(2);
    assertThat(started).containsExactly("first 9", "bulk 1");
    assertThat(snapshot("urgent").waiting()).as("stays here").isOne();
    listener.resumeQueue("urgent");
    await().atMost(LONG).until(() -> started.size() == 3);
    assertThat(started).containsExactly("first 9", "bulk 1", "urgent 5");
    assertThat(snapshot("urgent").status()).isNotEqualTo(QueueStatus.PAUSED);
  }

  @Test
  void pauseBusAndResumeBus() {
    startWithBothWaiting();
    listener.pauseBus("urgent-bus");
    assertThat(snapshot("urgent").status()).isEqualTo(QueueStatus.PAUSED);
    freeTheSlot(2);
    assertThat(started).containsExactly("first 9", "bulk 1");
    listener.resumeBus("urgent-bus");
    await().atMost(LONG).until(() -> started.size() == 3);
    assertThat(started).containsExactly("first 9", "bulk 1", "urgent 5");
  }

  @Test
  void aResumedBusLeavesAQueuePausedThatIsPausedItself() {
    startWithBothWaiting();
    listener.pauseQueue("urgent");
    listener.pauseBus("urgent-bus");
    listener.resumeBus("urgent-bus");
    freeTheSlot(2);
    assertThat(started).containsExactly("first 9", "bulk 1");
    assertThat(snapshot("urgent").status()).isEqualTo(QueueStatus.PAUSED);
  }

  @Test
  void setPriority() {
    startWithBothWaiting();
    listener.setPriority("bulk", 7);
    freeTheSlot(3);
    assertThat(started).containsExactly("first 9", "bulk 7", "urgent 5");
    assertThat(snapshot("bulk").priority()).isEqualTo(7);
  }

  @Test
  void setBusPriority() {
    startWithBothWaiting();
    listener.setBusPriority("urgent-bus", -2);
    freeTheSlot(3);
    assertThat(started).containsExactly("first 9", "bulk 1", "urgent -2");
    assertThat(snapshot("urgent").priority()).isEqualTo(-2);
  }

  @Test
  void whatIsUnknownOrOutOfRangeIsRefused() {
    assertThatThrownBy(() -> listener.pauseQueue("none"))
        .hasMessage("queue must be one of [first, urgent, bulk], was none");
    assertThatThrownBy(() -> listener.resumeQueue("none"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> listener.setPriority("none", 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> listener.setPriority("bulk", 1_000_001))
        .hasMessage("priority must be -1000000…1000000, was 1000001");
    assertThatThrownBy(() -> listener.pauseBus("none"))
        .hasMessage("bus must be one of [first-bus, urgent-bus, bulk-bus], was none");
    assertThatThrownBy(() -> listener.resumeBus("none"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> listener.setBusPriority("none", 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> listener.setBusPriority("bulk-bus", -1_000_001))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
