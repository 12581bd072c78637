package io.multisqs.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerStartException;
import io.multisqs.ListenerState;
import io.multisqs.MessageHandler;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.VirtualThreads;
import io.multisqs.internal.Books;
import io.multisqs.testkit.LocalSqs;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A stop at every moment that a listener has: its account adds up, what it abandons is named, and
 * what it gave back is to be had on the server. A stop by a signal is {@link DyingProcesses}'; that
 * deadlines are kept is shown in simulation, where no machine can be late.
 */
@Tag("sized")
class StopIT {
  private static final Duration LONG = Duration.ofSeconds(20);

  /** A quarter of it is kept for giving back, which takes a few calls. */
  private static final Duration SHORT = Duration.ofSeconds(6);

  private static final Set<ListenerState> ENDING =
      EnumSet.of(ListenerState.STOPPING, ListenerState.TERMINATED, ListenerState.FAILED);
  private static final AtomicInteger QUEUES = new AtomicInteger();
  private static LocalSqs sqs;
  private static Duration longest = Duration.ZERO;

  private final List<SqsClient> clients = new ArrayList<>();
  private Work work;

  @BeforeAll
  static void startServer() {
    sqs = LocalSqs.start();
  }

  @AfterAll
  static void stopServer() {
    sqs.close();
    System.out.println("longest stop with a deadline of 20 s: " + longest.toMillis() + " ms");
  }

  /** At each of its first calls: two look the queue up, then receives and deletes mix. */
  @ParameterizedTest(name = "at its call {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 13})
  void whileStarting(int call) {
    AtomicReference<MultiSqsListener> self = new AtomicReference<>();
    CompletableFuture<StopAccount> stopped = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    ExecutionInterceptor stopping =
        new ExecutionInterceptor() {
          @Override
          public void beforeTransmission(
              Context.BeforeTransmission context, ExecutionAttributes attributes) {
            if (calls.incrementAndGet() == call) {
              new Thread(() -> stopped.complete(stop(self.get(), LONG))).start();
              await().atMost(LONG).until(() -> ENDING.contains(self.get().state()));
            }
          }
        };
    self.set(listener(client(sqs.endpoint(), List.of(stopping)), 50, 4, message(1)));
    try {
      self.get().start();
    } catch (ListenerStartException | IllegalStateException e) {
      // The stop came in the middle of a look-up.
    }
    StopAccount account = stopped.join();
    assertThat(account.abandoned()).isEmpty();
    assertAllElseIsVisible(50, account);
    assertThat(self.get().state()).isIn(ListenerState.TERMINATED, ListenerState.FAILED);
  }

  @AfterEach
  void closeClients() {
    clients.forEach(SqsClient::close);
  }

  @Test
  void whileLongPollIsOutstanding() {
    MultiSqsListener listener = listener(0, 1, message(0));
    listener.start();
    await().until(() -> listener.snapshot().queues().get(0).receivesUnderWay() == 1);
    StopAccount account = listener.stop(Duration.ofSeconds(1));
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    assertThat(account.abandonedReceives()).as("it did not wait for it").isEqualTo(1);
  }

  @Test
  void atRandomMomentsUnderLoad() throws Exception {
    long seed = Seed.of(0);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < (Seed.LONG ? 12 : 4); round++) {
      AtomicInteger started = new AtomicInteger();
      int slots = round % 2 == 0 ? 1 : 20;
      int stopAfter = random.nextInt(1, 150);
      MultiSqsListener listener =
          listener(
              300,
              slots,
              (queue, bus, priority, message) -> {
                started.incrementAndGet();
                Thread.sleep(2);
              });
      listener.start();
      await().pollInterval(Duration.ofMillis(1)).until(() -> started.get() >= stopAfter);
      StopAccount account = stop(listener, LONG);
      int atStop = started.get();
      assertThat(account.abandoned()).as("seed " + seed).isEmpty();
      assertThat(account.handled()).isEqualTo(atStop);
      assertAllElseIsVisible(300, account);
      assertThat(Books.of(listener).areClosed()).as("%s", Books.of(listener)).isTrue();
      assertThat(started).hasValue(atStop);
    }
  }

  @Test
  void whileDeletesFail() throws Exception {
    FaultSchedule schedule =
        new FaultSchedule(1, 1.0, action -> action.equals("DeleteMessageBatch"));
    try (FaultyProxy proxy =
        new FaultyProxy(sqs.endpoint(), schedule, new FaultLedger(), Duration.ofSeconds(1))) {
      AtomicInteger handled = new AtomicInteger();
      MultiSqsListener listener =
          listener(
              client(proxy.endpoint(), List.of()),
              20,
              4,
              (q, b, p, m) -> handled.incrementAndGet());
      listener.start();
      schedule.calm(false);
      await().until(() -> handled.get() == 20);
      StopAccount account = listener.stop(SHORT);
      assertThat(account.addsUp()).as(account.toString()).isTrue();
      assertThat(account.abandoned())
          .allMatch(a -> a.reason().equals("handled, but its delete was not confirmed"));
      assertThat(account.handled() + account.unconfirmed() + account.abandoned().size())
          .isEqualTo(20);
    }
  }

  @Test
  void whileHandlerNeverEnds() {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    MultiSqsListener listener =
        listener(
            30,
            1,
            (q, b, p, m) -> {
              running.countDown();
              awaitWhateverComes(never);
            });
    listener.start();
    await().until(() -> running.getCount() == 0);
    StopAccount account = listener.stop(SHORT);
    never.countDown();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    assertThat(account.abandoned())
        .singleElement()
        .satisfies(a -> assertThat(a.reason()).isEqualTo("its handler was still running"));
    assertThat(work.visible()).isEqualTo(29);
  }

  @Test
  void messageOfAHandlerThatTheStopInterruptsIsReleased() {
    CountDownLatch running = new CountDownLatch(1);
    MultiSqsListener listener =
        listener(
            1,
            1,
            (q, b, p, m) -> {
              running.countDown();
              Thread.sleep(60_000);
            });
    listener.start();
    await().until(() -> running.getCount() == 0);
    StopAccount account = listener.stop(SHORT);
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    // It did not fail: what the stop cut short is no business of the retry policy.
    assertThat(account.released()).as(account.toString()).isEqualTo(1);
  }

  @Test
  void twiceAtOnce() throws Exception {
    AtomicInteger started = new AtomicInteger();
    MultiSqsListener listener =
        listener(
            200,
            4,
            (q, b, p, m) -> {
              started.incrementAndGet();
              Thread.sleep(5);
            });
    listener.start();
    await().until(() -> started.get() > 10);
    CompletableFuture<StopAccount> other = CompletableFuture.supplyAsync(() -> listener.stop(LONG));
    StopAccount account = stop(listener, LONG);
    assertThat(other.join()).isSameAs(account);
    assertAllElseIsVisible(200, account);
  }

  @Test
  void fromWithinTheHandler() throws Exception {
    AtomicReference<MultiSqsListener> self = new AtomicReference<>();
    AtomicReference<StopAccount> inside = new AtomicReference<>();
    MultiSqsListener listener = listener(40, 1, (q, b, p, m) -> inside.set(self.get().stop(LONG)));
    self.set(listener);
    listener.listen(); // Returns, since the handler stopped it.
    StopAccount account = stop(listener, LONG);
    assertThat(inside.get().complete()).isFalse();
    assertThat(account.complete()).isTrue();
    assertThat(account.handled()).isEqualTo(1);
    assertAllElseIsVisible(40, account);
  }

  // ---------------------------------------------------------------------------------------------

  private static MessageHandler message(long millis) {
    return (queue, bus, priority, message) -> Thread.sleep(millis);
  }

  private MultiSqsListener listener(int messages, int slots, MessageHandler handler) {
    return listener(client(sqs.endpoint(), List.of()), messages, slots, handler);
  }

  private SqsClient client(URI endpoint, List<ExecutionInterceptor> interceptors) {
    SqsClient client =
        sqs.clientBuilder()
            .endpointOverride(endpoint)
            .overrideConfiguration(c -> c.executionInterceptors(interceptors))
            .build();
    clients.add(client);
    return client;
  }

  private MultiSqsListener listener(
      SqsClient client, int messages, int slots, MessageHandler handler) {
    String name = "stop-" + QUEUES.incrementAndGet();
    work = new Work(sqs, sqs.createQueue(name), 0);
    work.send(0, messages);
    // Only an idle queue's poll makes a stop last when there is nothing else to wait for.
    Duration wait = messages == 0 ? Duration.ofSeconds(20) : Duration.ofSeconds(1);
    return MultiSqsListener.of(
        List.of(
            SqsListenerConfig.builder(name).polling(Polling.longPoll(wait)).prefetch(100).build()),
        ListenerOptions.builder()
            .sqsClient(client)
            .region(LocalSqs.REGION.id())
            .concurrency(slots)
            .virtualThreads(VirtualThreads.areAskedFor())
            .build(),
        handler);
  }

  private static StopAccount stop(MultiSqsListener listener, Duration deadline) {
    StopAccount account = listener.stop(deadline);
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    longest = account.elapsed().compareTo(longest) > 0 ? account.elapsed() : longest;
    return account;
  }

  private void assertAllElseIsVisible(int sent, StopAccount account) {
    int expected = sent - (int) account.handled();
    assertThat(work.visible()).as("visible on the server after %s", account).isEqualTo(expected);
  }

  private static void awaitWhateverComes(CountDownLatch latch) {
    List<InterruptedException> ignored = new ArrayList<>();
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        ignored.add(e);
      }
    }
  }
}
