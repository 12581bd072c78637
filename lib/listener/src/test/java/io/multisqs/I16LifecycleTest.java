package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testlog.Lines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On real threads and the machine's clock: each waits for what it waits for, and no longer. */
@Tag("I16")
class I16LifecycleTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final InMemorySqs sqs = new InMemorySqs();
  private final String url = sqs.createQueue("q");
  private final List<String> history = Collections.synchronizedList(new ArrayList<>());

  private final class History extends ListenerEvents {
    @Override
    public void stateChanged(ListenerState from, ListenerState to) {
      history.add(from + " → " + to);
    }
  }

  private ListenerOptions.Builder options() {
    return ListenerOptions.builder()
        .sqsClient(sqs)
        .region("us-east-1")
        .stopTimeout(SOON)
        .events(new History())
        .virtualThreads(VirtualThreads.areAskedFor());
  }

  private MultiSqsListener listener(ListenerOptions.Builder options, MessageHandler handler) {
    SqsListenerConfig q =
        SqsListenerConfig.builder("q").polling(Polling.longPoll(Duration.ofSeconds(1))).build();
    return MultiSqsListener.of(List.of(q), options.build(), handler);
  }

  private MultiSqsListener listener(MessageHandler handler) {
    return listener(options(), handler);
  }

  private void send(String body) {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));
  }

  @Test
  void aLifeThatGoesWell() {
    MultiSqsListener listener = listener((queue, bus, priority, message) -> {});
    assertThat(listener.state()).isEqualTo(ListenerState.NEW);
    listener.start();
    assertThat(listener.state()).isEqualTo(ListenerState.RUNNING);
    send("a");
    await().until(() -> sqs.messages("q").isEmpty());
    StopAccount account = listener.stop(SOON);
    assertThat(account.complete()).isTrue();
    assertThat(account.handled()).isOne();
    assertThat(account.addsUp()).isTrue();
    await().until(() -> history.size() == 4);
    assertThat(history)
        .containsExactly(
            "NEW → STARTING", "STARTING → RUNNING", "RUNNING → STOPPING", "STOPPING → TERMINATED");
    assertThat(listener.state()).isEqualTo(ListenerState.TERMINATED);
  }

  @Test
  void aStartThatFails() {
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(SqsListenerConfig.of("nowhere")),
            options().build(),
            (queue, bus, priority, message) -> {});
    assertThatThrownBy(listener::listen).isInstanceOf(ListenerStartException.class);
    assertThat(history).containsExactly("NEW → STARTING", "STARTING → FAILED");
    assertThat(listener.stop(SOON).addsUp()).as("nothing to wait for").isTrue();
    assertThatThrownBy(listener::start)
        .hasMessage("a listener starts once, and this one is FAILED; build a new one");
  }

  @Test
  void aSecondStartIsRefused() {
    MultiSqsListener listener = listener((queue, bus, priority, message) -> {});
    listener.start();
    assertThatThrownBy(listener::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a listener starts once, and this one is RUNNING; build a new one");
    assertThatThrownBy(listener::listen).isInstanceOf(IllegalStateException.class);
    listener.close();
    assertThatThrownBy(listener::start)
        .hasMessage("a listener starts once, and this one is TERMINATED; build a new one");
  }

  @Test
  void aStopBeforeTheStart() {
    MultiSqsListener listener = listener((queue, bus, priority, message) -> {});
    StopAccount account = listener.stop(SOON);
    assertThat(account.received()).isZero();
    assertThat(history).containsExactly("NEW → TERMINATED");
    assertThatThrownBy(listener::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aStopWhileStarting() throws Exception {
    AtomicReference<MultiSqsListener> self = new AtomicReference<>();
    CompletableFuture<StopAccount> account = new CompletableFuture<>();
    ListenerEvents stopping =
        new ListenerEvents() {
          @Override
          public void stateChanged(ListenerState from, ListenerState to) {
            history.add(from + " → " + to);
            if (to == ListenerState.STARTING) {
              new Thread(() -> account.complete(self.get().stop(SOON))).start();
              await().until(() -> self.get().state() != ListenerState.STARTING);
            }
          }
        };
    self.set(listener(options().events(stopping), (queue, bus, priority, message) -> {}));
    self.get().listen();
    assertThat(account.get().addsUp()).isTrue();
    await().until(() -> self.get().state() == ListenerState.TERMINATED);
    assertThat(history).contains("STARTING → STOPPING").doesNotContain("STARTING → RUNNING");
  }

  @Test
  void twoStopsAtOnceGetTheSameAccount() {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    MultiSqsListener listener =
        listener(
            (queue, bus, priority, message) -> {
              running.countDown();
              go.await();
            });
    listener.start();
    send("a");
    await().until(() -> running.getCount() == 0);
    CompletableFuture<StopAccount> one = CompletableFuture.supplyAsync(() -> listener.stop(SOON));
    CompletableFuture<StopAccount> two = CompletableFuture.supplyAsync(() -> listener.stop(SOON));
    await().until(() -> listener.state() == ListenerState.STOPPING);
    go.countDown();
    assertThat(one.join()).isEqualTo(two.join());
    assertThat(one.join().handled()).isOne();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aStopFromWithinTheHandler(int concurrency) {
    AtomicReference<MultiSqsListener> self = new AtomicReference<>();
    AtomicReference<StopAccount> within = new AtomicReference<>();
    self.set(
        listener(
            options().concurrency(concurrency),
            (queue, bus, priority, message) -> within.set(self.get().stop(SOON))));
    send("a");
    self.get().listen();
    assertThat(within.get().complete()).isFalse();
    StopAccount account = self.get().stop(SOON);
    assertThat(account.complete()).isTrue();
    assertThat(account.handled()).isOne();
    assertThat(sqs.messages("q")).isEmpty();
  }

  @Test
  void aStopFromWithinACallback() {
    AtomicReference<MultiSqsListener> self = new AtomicReference<>();
    ListenerEvents events =
        new ListenerEvents() {
          @Override
          public void stateChanged(ListenerState from, ListenerState to) {
            if (to == ListenerState.STOPPING || to == ListenerState.TERMINATED) {
              self.get().close();
            }
          }

          @Override
          public void deleted(ReceivedMessage message) {
            self.get().close();
          }
        };
    self.set(listener(options().events(events), (queue, bus, priority, message) -> {}));
    send("a");
    self.get().listen();
    assertThat(self.get().stop(SOON).handled()).isOne();
  }

  @Test
  void withOneSlotTheHandlerRunsOnTheThreadThatListens() throws Exception {
    AtomicReference<Thread> handlers = new AtomicReference<>();
    AtomicReference<MultiSqsListener> self = new AtomicReference<>();
    self.set(
        listener(
            (queue, bus, priority, message) -> {
              handlers.set(Thread.currentThread());
              self.get().stop(SOON);
            }));
    send("a");
    Thread listening = new Thread(self.get()::listen);
    listening.start();
    listening.join();
    assertThat(handlers.get()).isSameAs(listening);
  }

  @Test
  void anInterruptOfTheListeningThreadStopsItAndKeepsTheFlag() throws Exception {
    MultiSqsListener listener = listener((queue, bus, priority, message) -> {});
    AtomicBoolean flag = new AtomicBoolean();
    Thread listening =
        new Thread(
            () -> {
              listener.listen();
              flag.set(Thread.currentThread().isInterrupted());
            });
    listening.start();
    await().until(() -> listener.state() == ListenerState.RUNNING);
    listening.interrupt();
    listening.join();
    assertThat(flag).isTrue();
    assertThat(listener.state()).isEqualTo(ListenerState.TERMINATED);
  }

  /** The flag does not say who set it, and the log has to. */
  @ParameterizedTest(name = "throws {0}")
  @ValueSource(booleans = {true, false})
  void aHandlerThatEndsTheDaemonByAnInterruptIsNamed(boolean throwing) throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    Lines.Sink sink = (name, line) -> lines.add(line);
    MultiSqsListener listener =
        listener(
            (queue, bus, priority, message) -> {
              if (throwing) {
                throw new InterruptedException("the handler's own");
              }
              Thread.currentThread().interrupt();
            });
    send("hello");
    Lines.add(sink);
    try {
      Thread listening = new Thread(listener::listen);
      listening.start();
      listening.join();
    } finally {
      Lines.remove(sink);
    }
    assertThat(lines)
        .filteredOn(line -> line.startsWith("WARN the thread of listen() was interrupted"))
        .singleElement()
        .asString()
        .contains("while the handler of q ran message", "the listener stops");
    assertThat(lines)
        .as("what is waited for, and the account")
        .anyMatch(line -> line.startsWith("INFO stopping within 5.0 s, waiting for "))
        .anyMatch(line -> line.startsWith("INFO stopped: "));
    assertThat(lines)
        .anyMatch(
            line ->
                line.startsWith("INFO multi-sqs-listener ")
                    && line.contains(
                        "queue q (priority 1, bus default-bus) in us-east-1, no dead"));
  }

  @Test
  void aSubclassIsCalledWithItsFourArguments() {
    List<Object> arguments = Collections.synchronizedList(new ArrayList<>());
    MultiSqsListener listener =
        new MultiSqsListener(
            List.of(
                SqsListenerConfig.builder("q")
                    .bus("b")
                    .priority(7)
                    .polling(Polling.longPoll(Duration.ofSeconds(1)))
                    .build()),
            options().build()) {
          @Override
          protected void handleMessage(
              String queue, String bus, int priority, ReceivedMessage message) {
            arguments.addAll(List.of(queue, bus, priority, message.body()));
          }
        };
    send("hello");
    listener.start();
    await().until(() -> arguments.size() == 4);
    listener.close();
    assertThat(arguments).containsExactly("q", "b", 7, "hello");
  }
}
