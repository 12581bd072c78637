package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.Polling;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("I2")
class I02PriorityHoldTest {
  private static final Duration ROUND_TRIP = Duration.ofMillis(30);

  private final SimulatedListener listener = new SimulatedListener(ROUND_TRIP);

  @AfterEach
  void close() {
    listener.close();
  }

  private static SqsListenerConfig.Builder low() {
    return SqsListenerConfig.builder("low");
  }

  private static SqsListenerConfig.Builder high() {
    return SqsListenerConfig.builder("high").priority(5);
  }

  private Duration startOf(String body) {
    return listener.starts.stream()
        .filter(start -> start.body().equals(body))
        .map(SimulatedListener.Start::at)
        .findFirst()
        .orElseThrow();
  }

  /** The case that this library's predecessor admits: it handled LLLLHLHLHLHLH. */
  @ParameterizedTest(name = "receives of {0} ms, handlers of {1} ms that succeed: {2}")
  @CsvSource({
    "5,400,true",
    "30,400,true",
    "150,400,true",
    "5,400,false",
    "30,400,false",
    "150,400,false",
    "5,50,true",
    "30,50,true",
    "150,50,true",
    "5,50,false",
    "30,50,false",
    "150,50,false",
    "5,5,true",
    "30,5,true",
    "150,5,true",
    "5,5,false",
    "30,5,false",
    "150,5,false",
  })
  void fiveHighThatArriveDuringTheFourthLowGoBeforeTheRest(
      int receiveMillis, int highHandlerMillis, boolean succeed) {
    fiveHighDuringTheFourthLow(receiveMillis, highHandlerMillis, succeed);
    assertThat(firstTries()).isEqualTo("LLLLHHHHHLLLLLL");
  }

  private void fiveHighDuringTheFourthLow(
      int receiveMillis, int highHandlerMillis, boolean succeed) {
    listener.way.roundTrip = Duration.ofMillis(receiveMillis);
    listener
        .queue(low().build())
        .queue(high().build())
        .handler(
            message -> {
              if (listener.letters().equals("LLLL")) {
                listener.simulation.after(
                    Duration.ofMillis(50), () -> listener.send("high", "H", 5));
              }
              boolean isHigh = message.queue().equals("high");
              listener.work(Duration.ofMillis(isHigh ? highHandlerMillis : 400));
              if (!succeed) {
                throw new IllegalStateException("as told");
              }
            });
    listener.send("low", "L", 10);
    listener.start();
    listener.simulation.runUntil(Duration.ofMinutes(1), () -> firstTries().length() == 15);
  }

  /** What failed comes back later, and before the rest of the low: that is another order. */
  private String firstTries() {
    return listener.starts.stream()
        .filter(start -> start.receiveCount() == 1)
        .map(start -> start.body().substring(0, 1))
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource({"20", "50", "1000"})
  void aQueueIsHotFromTheStartUntilItsReceiveHasBeenSilentForTheHold(int holdMillis) {
    listener
        .queue(low().build())
        .queue(high().build())
        .options(ListenerOptions.builder().priorityHold(Duration.ofMillis(holdMillis)));
    listener.send("low", "L", 1);
    listener.start().runUntilStarted(1);
    assertThat(startOf("L1")).isEqualTo(Duration.ofMillis(Math.max(holdMillis, 30)));
  }

  @Test
  void untilRoundTripsAreKnownTheHoldIsTheFirstOne() {
    listener.queue(low().build()).queue(high().build());
    listener.send("low", "L", 1);
    listener.start().runUntilStarted(1);
    assertThat(startOf("L1")).isEqualTo(ListenerOptions.FIRST_HOLD);
  }

  @Test
  void theHoldAdaptsToTheReceiveTimesSeen() {
    ReceiveTimes times = new ReceiveTimes();
    PriorityHold hold = new PriorityHold(Optional.empty());
    assertThat(hold.of(times)).isEqualTo(Duration.ofMillis(100).toNanos());
    for (int i = 0; i < 50; i++) {
      times.sample(Duration.ofMillis(15).toNanos());
    }
    assertThat(Duration.ofNanos(hold.of(times)))
        .as("covers the round trip, and is not much longer")
        .isBetween(Duration.ofMillis(30), Duration.ofMillis(50));
    for (int i = 0; i < 200; i++) {
      times.sample(Duration.ofSeconds(2).toNanos());
    }
    assertThat(hold.of(times)).isEqualTo(Duration.ofMillis(500).toNanos());
  }

  private long holdOfHigh() {
    return listener.board.receiving.holdOf(listener.lane("high"), listener.simulation.nanoTime());
  }

  @Test
  void beforeItsFirstRoundTripAQueueIsHeldForThoseOfOneThatIsReachedTheSameWay() {
    listener.way.roundTrip = Duration.ofMillis(200);
    listener.queue(low().build()).queue(high().build()).handlersTake(Duration.ofMillis(1));
    listener.send("low", "L", 1);
    listener.start().runFor(Duration.ofSeconds(5));
    assertThat(listener.lane("high").heat.times().isKnown()).isFalse();
    listener.locked(
        () ->
            assertThat(Duration.ofNanos(holdOfHigh()))
                .isBetween(Duration.ofMillis(400), ListenerOptions.MAX_ADAPTIVE_HOLD));
  }

  @ParameterizedTest(name = "for {0} s")
  @ValueSource(longs = {2, 12})
  void aWayThatGrewWhileAQueueSleptIsKnownFromTheCallsOfAnother(long seconds) {
    listener.way.roundTrip = Duration.ofMillis(1);
    listener
        .queue(low().build())
        .queue(high().maxMessagesPerReceive(2).maxPollers(1).build())
        .handlersTake(Duration.ofMillis(5));
    listener.send("high", "early", 200);
    listener.start().runUntilStarted(200);
    listener.runFor(Duration.ofSeconds(1));
    listener.way.roundTrip = Duration.ofMillis(60);
    listener.send("low", "L", 4_000);
    listener.runFor(Duration.ofSeconds(seconds));
    int before = listener.starts.size();
    listener.send("high", "H", 4);
    listener.runUntilStarted(before + 200);
    String order = listener.letters().substring(before);
    assertThat(order.substring(order.indexOf('H'))).startsWith("HHHH");
  }

  @Test
  void aReceiveThatStoodUntilSomethingWasSentIsNoRoundTrip() {
    listener.queue(low().build()).queue(high().maxMessagesPerReceive(1).build());
    listener.start();
    for (int i = 0; i < 20; i++) {
      listener.runFor(Duration.ofMillis(300));
      listener.send("high", "H" + i);
    }
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.startsOf("high")).isEqualTo(20);
    listener.locked(
        () ->
            assertThat(Duration.ofNanos(holdOfHigh()))
                .as("half of them stood for 300 ms")
                .isLessThan(Duration.ofMillis(100)));
  }

  @Test
  void aFailedReceiveHoldsNobody() {
    listener.queue(low().build()).queue(high().build());
    listener.sqs.faults().on("high").always(Operation.RECEIVE, Fault.throttle());
    listener.send("low", "L", 1);
    listener.start().runUntilStarted(1);
    assertThat(startOf("L1")).isEqualTo(ROUND_TRIP);
  }

  @Test
  void anEmptyAnswerHoldsNobody() {
    listener
        .queue(low().build())
        .queue(high().polling(Polling.shortPoll(Duration.ofSeconds(5))).build());
    listener.send("low", "L", 1);
    listener.start().runUntilStarted(1);
    assertThat(startOf("L1")).isEqualTo(ROUND_TRIP);
  }

  @Test
  void aShortPolledQueueIsAskedAgainAtOnceUntilItAnswersEmpty() {
    listener
        .queue(low().build())
        .queue(
            high()
                .polling(Polling.shortPoll(Duration.ofSeconds(5)))
                .maxMessagesPerReceive(1)
                .maxPollers(1)
                .prefetch(100)
                .build())
        .handlersTake(Duration.ofMillis(1));
    listener.send("low", "L", 1);
    listener.send("high", "H", 2);
    listener.runFor(Duration.ofSeconds(1));
    Duration start = listener.simulation.now();
    listener.start().runUntilStarted(3);
    assertThat(listener.order()).containsExactly("H1", "H2", "L1");
    listener.runFor(Duration.ofSeconds(4));
    List<Duration> asked =
        listener.way.receives.stream()
            .filter(r -> r.queue().equals("high"))
            .map(receive -> receive.askedAt().minus(start))
            .toList();
    assertThat(asked).containsExactly(Duration.ZERO, ROUND_TRIP, ROUND_TRIP.multipliedBy(2));
  }

  /** One message each round trip, and handlers that take a little less. */
  private void deepHighQueue(ListenerOptions.Builder options) {
    listener
        .queue(low().build())
        .queue(high().prefetch(1).maxMessagesPerReceive(1).maxPollers(1).build())
        .options(options)
        .handlersTake(ROUND_TRIP.minusMillis(1));
    listener.send("low", "L", 3);
    listener.send("high", "H", 20);
    listener.runFor(Duration.ofSeconds(1));
    listener.start().runUntilStarted(23);
  }

  @Test
  void noLowStartsBetweenTwoReceivesOfADeepHighQueue() {
    deepHighQueue(ListenerOptions.builder());
    assertThat(listener.letters()).isEqualTo("H".repeat(20) + "LLL");
  }

  @Test
  void withTheHoldOffLowWorkSlipsInBetweenReceives() {
    deepHighQueue(ListenerOptions.builder().priorityHold(Duration.ZERO));
    assertThat(listener.letters()).doesNotEndWith("LLL");
  }

  @Test
  void aHotQueueThatMayNotBeAskedHoldsNobody() {
    Heat heat = new Heat(0);
    assertThat(heat.holdsUntil(0, 100, false)).isZero();
    assertThat(heat.holdsUntil(0, 100, true)).isEqualTo(100);
  }

  @Test
  void aHotQueueWhoseBusIsAtItsCapHoldsNobody() {
    listener
        .queue(low().build())
        .queue(high().bus("capped").prefetch(1).build())
        .options(ListenerOptions.builder().concurrency(2).busOptions("capped", 0, 1))
        .handlersTake(Duration.ofSeconds(10));
    listener.send("low", "L", 1);
    listener.send("high", "H", 5);
    listener.start().runUntilStarted(2);
    assertThat(startOf("L1")).isEqualTo(startOf("H1")).isEqualTo(ROUND_TRIP);
  }

  @Test
  void aHotQueueWithAReceiveUnderWayHoldsNobodyWhileItsBusIsAtItsCap() {
    listener
        .queue(low().build())
        .queue(high().bus("capped").build())
        .options(ListenerOptions.builder().concurrency(2).busOptions("capped", 0, 1))
        .handlersTake(Duration.ofSeconds(10));
    listener.send("low", "L", 1);
    listener.send("high", "H", 1);
    listener.start().runUntilStarted(2);
    assertThat(listener.snapshot("high").receivesUnderWay()).isPositive();
    assertThat(listener.snapshot("high").hot()).isTrue();
    assertThat(startOf("L1")).isEqualTo(ROUND_TRIP);
  }

  @Test
  void afterAFailureEvenAQueueThatMayBeAskedHoldsNobody() {
    Heat heat = new Heat(0);
    heat.asked(0, 10, 100);
    heat.failed(0, 10);
    assertThat(heat.holdsUntil(11, 100, true)).isEqualTo(11);
  }

  @Test
  void aPausedQueueHoldsNobody() {
    listener.queue(low().build()).queue(high().build()).build();
    listener.locked(() -> listener.board.pause(listener.lane("high"), true));
    listener.arrive("low", "L1");
    assertThat(listener.step()).isOne();
  }

  @Test
  void silenceOfAReceiveThatStoodWhileAnotherWasFedProvesNothing() {
    Heat heat = new Heat(0);
    heat.asked(10, 10, 100);
    heat.asked(20, 10, 100);
    heat.answeredWithMessages(20, 200, 10, 10, true);
    assertThat(heat.holdsUntil(250, 100, true)).as("from the last answer on").isEqualTo(300);
    heat.empty(10, 250, 100);
    assertThat(heat.isHot(250, 100)).as("it was asked before the queue was fed").isTrue();
    heat.asked(260, 10, 100);
    heat.empty(260, 270, 100);
    assertThat(heat.isHot(270, 100)).isFalse();
  }

  /** As of a server that wakes all standing receives at once, and gives all it has to one. */
  @Test
  void anEmptyAnswerProvesNothingOfWhatAnotherReceiveCarries() {
    Heat heat = new Heat(0);
    heat.asked(0, 10, 100);
    heat.answeredWithMessages(0, 30, 10, 3, true);
    heat.asked(31, 10, 100);
    heat.asked(32, 10, 100);
    heat.empty(32, 62, 100);
    assertThat(heat.holdsUntil(62, 100, true)).as("the one from before is out").isEqualTo(131);
    heat.asked(63, 10, 100);
    assertThat(heat.holdsUntil(63, 100, true)).as("a later one adds nothing").isEqualTo(131);
    heat.answeredWithMessages(31, 64, 10, 10, true);
    assertThat(heat.holdsUntil(64, 100, true)).isEqualTo(164);
  }

  @Test
  void anEmptyAnswerEndsTheHoldWhereNoOtherReceiveIsOut() {
    Heat heat = new Heat(0);
    heat.asked(0, 10, 100);
    heat.answeredWithMessages(0, 30, 10, 3, true);
    heat.asked(31, 10, 100);
    heat.empty(31, 61, 100);
    assertThat(heat.isHot(61, 100)).isFalse();
  }

  @Test
  void noMoreSlotsAreHeldThanTheAnswersUnderWayAreLikelyToFill() {
    Heat heat = new Heat(0);
    heat.asked(0, 10, 100);
    assertThat(heat.likely(0)).as("nobody has looked yet").isEqualTo(10);
    heat.answeredWithMessages(0, 30, 10, 1, false);
    heat.asked(30, 10, 100);
    heat.answeredWithMessages(30, 30, 10, 2, false);
    heat.asked(31, 10, 100);
    assertThat(heat.evidence()).isEqualTo(Heat.Evidence.CHANCE);
    assertThat(heat.likely(0)).as("as many fresh ones again").isEqualTo(2);
    heat.answeredWithMessages(31, 61, 10, 10, false);
    assertThat(heat.evidence()).isEqualTo(Heat.Evidence.BACKLOG);
    assertThat(heat.likely(0)).as("a backlog takes any slot").isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void aFreshMessageIsHeldForAsTheFirstOfManyWhereSuchOnesWereSoLately() {
    Heat heat = new Heat(0);
    long now = 0;
    for (int burst = 0; burst < 5; burst++) {
      heat.asked(now, 10, 100);
      heat.answeredWithMessages(now, now + 500, 10, 1, false);
      heat.asked(now + 500, 10, 100);
      assertThat(heat.evidence()).as("burst %d", burst).isEqualTo(Heat.Evidence.BACKLOG);
      assertThat(heat.likely(0)).as("burst %d", burst).isGreaterThanOrEqualTo(5);
      heat.answeredWithMessages(now + 500, now + 530, 10, 10, false);
      heat.asked(now + 530, 10, 100);
      heat.empty(now + 530, now + 560, 100);
      now += 600;
    }
    for (int alone = 0; alone < 4; alone++) {
      heat.asked(now, 10, 100);
      heat.answeredWithMessages(now, now + 500, 10, 1, false);
      heat.asked(now + 500, 10, 100);
      heat.empty(now + 500, now + 530, 100);
      now += 600;
    }
    heat.asked(now, 10, 100);
    heat.answeredWithMessages(now, now + 500, 10, 1, false);
    heat.asked(now + 500, 10, 100);
    assertThat(heat.evidence()).as("after four that came alone").isEqualTo(Heat.Evidence.CHANCE);
    assertThat(heat.likely(0)).isOne();
  }

  @Test
  void aMessageThatLayThereForLongerThanARoundTripSpeaksForABacklogThoughTheClocksDiffer() {
    MessageAges ages = new MessageAges(0);
    long trip = Duration.ofMillis(30).toNanos();
    for (long behind : new long[] {-5_000, 0, 5_000}) {
      MessageAges by = new MessageAges(0);
      for (int i = 0; i < 10; i++) {
        by.sample(15 + behind + i, i);
      }
      assertThat(by.lay(15 + behind + 40, trip)).as("clock off by %d ms", behind).isFalse();
      assertThat(by.lay(15 + behind + 41, trip)).as("clock off by %d ms", behind).isTrue();
    }
    ages.sample(1_000, 0);
    assertThat(ages.lay(1_000, trip))
        .as("the very first, while clocks are taken to agree")
        .isTrue();
  }

  @Test
  void lowerQueuesHoldNobody() {
    listener.queue(low().build()).queue(high().build());
    listener.send("high", "H", 1);
    listener.start().runUntilStarted(1);
    assertThat(startOf("H1")).isEqualTo(ROUND_TRIP);
  }
}
