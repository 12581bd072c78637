package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.InMemorySqs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stack that ends within a call to the listener, wherever in it, costs that call alone. */
class StackRoomTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int STACK = 512 << 10;

  /** What user code may call with hardly any stack left. */
  private static final Map<String, BiConsumer<MultiSqsListener, ReceivedMessage>> CALLS =
      Map.of(
          "shouldYield", (listener, message) -> message.shouldYield(),
          "isLeaseLost", (listener, message) -> message.isLeaseLost(),
          "extendVisibility",
              (listener, message) -> message.extendVisibility(Duration.ofSeconds(30)),
          "state", (listener, message) -> listener.state(),
          "snapshot", (listener, message) -> listener.snapshot(),
          "pauseQueue",
              (listener, message) -> {
                listener.pauseQueue("other");
                listener.resumeQueue("other");
              },
          "pauseBus",
              (listener, message) -> {
                listener.pauseBus("b");
                listener.resumeBus("b");
              },
          "setPriority", (listener, message) -> listener.setPriority("other", 7),
          "setBusPriority", (listener, message) -> listener.setBusPriority("b", 8));

  private final InMemorySqs sqs = new InMemorySqs();
  private final CountDownLatch done = new CountDownLatch(1);
  private final CompletableFuture<ReceivedMessage> running = new CompletableFuture<>();
  private final AtomicInteger overflows = new AtomicInteger();
  private final AtomicInteger returns = new AtomicInteger();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shouldYield",
        "isLeaseLost",
        "extendVisibility",
        "state",
        "snapshot",
        "pauseQueue",
        "pauseBus",
        "setPriority",
        "setBusPriority"
      })
  void anOverflowAtAnyDepthLeavesTheListenerWhole(String name) throws Exception {
    BiConsumer<MultiSqsListener, ReceivedMessage> call = CALLS.get(name);
    MultiSqsListener listener = start();
    ReceivedMessage message = running.get(10, TimeUnit.SECONDS);
    Thread user = new Thread(null, () -> sweep(() -> call.accept(listener, message)), name, STACK);
    user.start();
    user.join(Duration.ofSeconds(40).toMillis());
    assertThat(user.isAlive()).isFalse();
    assertThat(overflows.get()).isPositive();
    assertThat(returns.get()).isPositive();
    assertThatItIsWhole(listener);
  }

  /** The stop that a handler asks for with no stack left is made, or was never asked for. */
  @Test
  void aStopThatOverflowsIsMadeInFullOrNotBegun() throws Exception {
    MultiSqsListener listener = start();
    running.get(10, TimeUnit.SECONDS);
    Thread user = new Thread(null, () -> descendAndStop(listener), "stop", STACK);
    user.start();
    assertThatItIsWhole(listener);
    user.join(SOON.toMillis());
  }

  @SuppressWarnings("InfiniteRecursion") // as a handler does whose author forgot to end it
  private void descendAndStop(MultiSqsListener listener) {
    try {
      descendAndStop(listener);
    } catch (StackOverflowError e) {
      StopAccount unused = listener.stop(SOON);
    }
  }

  private void assertThatItIsWhole(MultiSqsListener listener) throws Exception {
    CompletableFuture<StopAccount> stopped =
        CompletableFuture.supplyAsync(
            () -> {
              assertThat(listener.snapshot().slotsInUse()).isOne();
              done.countDown();
              sqs.sendMessage(r -> r.queueUrl(url("other")).messageBody("after"));
              await().atMost(SOON).until(() -> sqs.messages("other").isEmpty());
              return listener.stop(SOON);
            });
    StopAccount account = stopped.get(30, TimeUnit.SECONDS);
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    assertThat(account.handled()).isEqualTo(2);
  }

  private String url(String queue) {
    return sqs.getQueueUrl(r -> r.queueName(queue)).queueUrl();
  }

  private MultiSqsListener start() {
    sqs.createQueue("q");
    sqs.createQueue("other");
    Polling polling = Polling.longPoll(Duration.ofSeconds(1));
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(
                SqsListenerConfig.builder("q").polling(polling).build(),
                SqsListenerConfig.builder("other").bus("b").polling(polling).build()),
            ListenerOptions.builder().sqsClient(sqs).region("us-east-1").concurrency(2).build(),
            (queue, bus, priority, message) -> {
              if (queue.equals("q")) {
                running.complete(message);
                done.await();
              }
            });
    sqs.sendMessage(r -> r.queueUrl(url("q")).messageBody("a"));
    listener.start();
    return listener;
  }

  /** Makes the call at each depth, from where it surely returns to where nothing does. */
  private void sweep(Runnable call) {
    call.run();
    for (int depth = 0, limit = deepest(); depth <= limit; depth += step(limit - depth)) {
      try {
        at(depth, call);
        returns.incrementAndGet();
      } catch (StackOverflowError e) {
        overflows.incrementAndGet();
      }
      // Compilers make frames smaller meanwhile.
      limit = depth > limit - 10 ? deepest() : limit;
    }
    try {
      at(1 << 20, call);
    } catch (StackOverflowError e) {
      overflows.incrementAndGet();
    }
  }

  private static int step(int left) {
    return left > 4_000 ? left / 4 : left > 1_500 ? 16 : left > 500 ? 4 : 1;
  }

  /** By halving: to within what one call of nothing takes. */
  private static int deepest() {
    int returns = 0;
    int overflows = 1 << 20;
    while (overflows - returns > 1) {
      int between = (returns + overflows) >>> 1;
      try {
        at(between, () -> {});
        returns = between;
      } catch (StackOverflowError e) {
        overflows = between;
      }
    }
    return overflows;
  }

  private static void at(int depth, Runnable call) {
    if (depth > 0) {
      at(depth - 1, call);
    } else {
      call.run();
    }
  }
}
