package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multisqs.testkit.InMemorySqs;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each setting out of range is refused as it is set, with its name, its rule and its value. */
@Tag("I17")
class I17RefusedSettingsTest {
  private static final String NAME_RULE =
      "queue name must be 1…80 letters, digits, - or _, with .fifo at the end for a FIFO queue,"
          + " was ";

  private static Arguments refused(String text, ThrowingCallable call) {
    return Arguments.of(text, call);
  }

  private static SqsListenerConfig.Builder queue() {
    return SqsListenerConfig.builder("q");
  }

  private static ListenerOptions.Builder options() {
    return ListenerOptions.builder();
  }

  private static MultiSqsListener listener(ListenerOptions options, SqsListenerConfig... queues) {
    return MultiSqsListener.of(List.of(queues), options, (queue, bus, priority, message) -> {});
  }

  static Stream<Arguments> queueSettings() {
    Duration halfSecond = Duration.ofMillis(1500);
    return Stream.of(
        refused("queue must not be blank, was \" \"", () -> SqsListenerConfig.of(" ")),
        refused(NAME_RULE + "\"orders.FIFO\"", () -> SqsListenerConfig.of("orders.FIFO")),
        refused(NAME_RULE + "\"orders.fifo.old\"", () -> SqsListenerConfig.of("orders.fifo.old")),
        refused(NAME_RULE + "\".fifo\"", () -> SqsListenerConfig.of(".fifo")),
        refused(NAME_RULE + "\"a b\"", () -> SqsListenerConfig.of("a b")),
        refused(NAME_RULE + '"' + "x".repeat(81) + '"', () -> SqsListenerConfig.of("x".repeat(81))),
        refused(
            "queue ARN must be arn:aws:sqs:REGION:ACCOUNT:NAME, was arn:aws:sns:eu-west-1:1:q",
            () -> SqsListenerConfig.of("arn:aws:sns:eu-west-1:1:q")),
        refused(
            "queue URL must end in /ACCOUNT/NAME, was https://sqs.eu-west-1.amazonaws.com",
            () -> SqsListenerConfig.of("https://sqs.eu-west-1.amazonaws.com")),
        refused(
            "queue URL must be a URL, was http://a b/c/d",
            () -> SqsListenerConfig.of("http://a b/c/d")),
        refused(
            "priority must be -1000000…1000000, was 1000001", () -> queue().priority(1_000_001)),
        refused("bus must not be blank, was \"\"", () -> queue().bus("")),
        refused("region must not be blank, was \"\"", () -> queue().region("")),
        refused("ownerAccountId must be twelve digits, was 12", () -> queue().ownerAccountId("12")),
        refused(
            "maxMessagesPerReceive must be 1…10, was 11", () -> queue().maxMessagesPerReceive(11)),
        refused(
            "maxMessagesPerReceive must be 1…10, was 0", () -> queue().maxMessagesPerReceive(0)),
        refused("prefetch must be 1…1000, was 0", () -> queue().prefetch(0)),
        refused("prefetch must be 1…1000, was 1001", () -> queue().prefetch(1001)),
        refused("maxPollers must be 1…100, was 101", () -> queue().maxPollers(101)),
        refused(
            "visibilityTimeout must be 1 s…12 h, was 0 s",
            () -> queue().visibilityTimeout(Duration.ZERO)),
        refused(
            "visibilityTimeout must be 1 s…12 h, was 43201 s",
            () -> queue().visibilityTimeout(Duration.ofSeconds(43_201))),
        refused(
            "visibilityTimeout must be in whole seconds, as SQS counts it, was 1500 ms",
            () -> queue().visibilityTimeout(halfSecond)),
        refused(
            "handlerTimeout must be 1 ms…12 h, was -1 s",
            () -> queue().handlerTimeout(Duration.ofSeconds(-1))),
        refused(
            "message attribute name must not be blank, was \"\"",
            () -> queue().messageAttributes("a", "")),
        refused(
            "long poll wait must be 1 s…20 s, was 21 s",
            () -> Polling.longPoll(Duration.ofSeconds(21))),
        refused("long poll wait must be 1 s…20 s, was 0 s", () -> Polling.longPoll(Duration.ZERO)),
        refused(
            "long poll wait must be in whole seconds, as SQS counts it, was 1500 ms",
            () -> Polling.longPoll(halfSecond)),
        refused(
            "short poll interval must be 1 ms…1 d, was 0 s",
            () -> Polling.shortPoll(Duration.ZERO)),
        refused(
            "circuit breaker failures must be 1…10000, was 0",
            () -> CircuitBreaker.after(0, Duration.ofSeconds(1))),
        refused(
            "circuit breaker pause must be 100 ms…12 h, was 99 ms",
            () -> CircuitBreaker.after(1, Duration.ofMillis(99))),
        refused("delete batch size must be 1…10, was 11", () -> new Deletes(11, Duration.ZERO)),
        refused(
            "delete linger must be 0 s…10 s, was 11 s",
            () -> Deletes.batched(Duration.ofSeconds(11))),
        refused(
            "retry delay must be 0 s…12 h, was 1 d", () -> RetryPolicy.fixed(Duration.ofDays(1))),
        refused("delays must have at least one, was none", RetryPolicy::byReceiveCount),
        refused(
            "longest delay must be 5 s…12 h, was 4 s",
            () -> RetryPolicy.exponential(Duration.ofSeconds(5), Duration.ofSeconds(4))),
        refused(
            "receive count must be 1…1000, was 0",
            () -> RetryPolicy.DEFAULT.fromReceive(0, RetryPolicy.discard())),
        refused(
            "retryAfter must be 0 s…12 h, was -1 ms",
            () -> new TransientException("later", null, Duration.ofMillis(-1))),
        refused(
            "region must be that of the queue, eu-west-1, was us-east-1",
            () ->
                SqsListenerConfig.builder("arn:aws:sqs:eu-west-1:123456789012:q")
                    .region("us-east-1")
                    .build()),
        refused(
            "ownerAccountId must be that of the queue, 123456789012, was 210987654321",
            () ->
                SqsListenerConfig.builder("https://sqs.eu-west-1.amazonaws.com/123456789012/orders")
                    .ownerAccountId("210987654321")
                    .build()));
  }

  static Stream<Arguments> listenerSettings() {
    return Stream.of(
        refused("concurrency must be 1…10000, was 0", () -> options().concurrency(0)),
        refused("concurrency must be 1…10000, was 10001", () -> options().concurrency(10_001)),
        refused(
            "priorityHold must be 0 s…10 s, was -1 ms",
            () -> options().priorityHold(Duration.ofMillis(-1))),
        refused(
            "priorityHold must be 0 s…10 s, was 11 s",
            () -> options().priorityHold(Duration.ofSeconds(11))),
        refused(
            "stopTimeout must be 0 s…12 h, was -1 s",
            () -> options().stopTimeout(Duration.ofSeconds(-1))),
        refused(
            "bufferBytes must be 1 MiB (1048576) or more, the size of one message, was 1024",
            () -> options().bufferBytes(1024)),
        refused(
            "endpointOverride must be a URL with a host, was 127.0.0.1",
            () -> options().endpointOverride(URI.create("127.0.0.1"))),
        refused("region must not be blank, was \" \"", () -> options().region(" ")),
        refused("bus must not be blank, was \"\"", () -> options().busOptions("", 0, 1)),
        refused("reserved slots must be 0 or more, was -1", () -> options().busOptions("b", -1, 1)),
        refused(
            "cap must be 1 or more (to stop a bus, pause it), was 0",
            () -> options().busOptions("b", 0, 0)),
        refused(
            "reserved slots must not be over the bus's cap of 2, was 3",
            () -> options().busOptions("b", 3, 2)),
        refused(
            "aging step must be 1 ms…1 h, was 0 s",
            () -> PriorityPolicy.strictWithAging(Duration.ZERO)),
        refused(
            "weights must name at least one priority, was {}",
            () -> PriorityPolicy.weighted(Map.of())),
        refused(
            "weight of priority 3 must be 1…1000, was 0",
            () -> PriorityPolicy.weighted(Map.of(3, 0))),
        refused(
            "endpointOverride must be set on your own client where you bring one, was"
                + " http://127.0.0.1:1",
            () ->
                options()
                    .sqsClient(new InMemorySqs())
                    .endpointOverride(URI.create("http://127.0.0.1:1"))
                    .build()),
        refused(
            "reserved slots must not add up to more than the concurrency of 3, was 4 over [a]",
            () -> options().concurrency(3).busOptions("a", 4, 9).build()));
  }

  static Stream<Arguments> contradictions() {
    return Stream.of(
        refused(
            "queues must have at least one, was []", () -> listener(ListenerOptions.defaults())),
        refused(
            "queues must be configured once each, was twice: q",
            () -> listener(ListenerOptions.defaults(), queue().build(), queue().build())),
        refused(
            "busOptions must be for a bus that a queue feeds, one of [default-bus], was admin",
            () -> listener(options().busOptions("admin", 0, 1).build(), queue().build())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"queueSettings", "listenerSettings", "contradictions"})
  void isRefusedWithSettingRuleAndValue(String text, ThrowingCallable call) {
    assertThatThrownBy(call).isExactlyInstanceOf(IllegalArgumentException.class).hasMessage(text);
  }

  @Test
  void reservedSlotsOfSeveralBusesAreAddedUp() {
    assertThatThrownBy(
            () -> options().concurrency(3).busOptions("a", 2, 9).busOptions("b", 2, 9).build())
        .hasMessageStartingWith(
            "reserved slots must not add up to more than the concurrency of 3, was 4 over [");
  }

  @Test
  void virtualThreadsAreRefusedWhereTheJdkHasNone() {
    int jdk = Runtime.version().feature();
    if (jdk < 21) {
      assertThatThrownBy(() -> options().virtualThreads(true))
          .hasMessage("virtualThreads needs JDK 21 or later, was true on JDK " + jdk);
    } else {
      assertThat(options().virtualThreads(true).build().virtualThreads()).isTrue();
    }
  }

  @Test
  void nullIsRefusedByName() {
    assertThatThrownBy(() -> queue().polling(null)).hasMessage("polling");
    assertThatThrownBy(() -> queue().retry(null)).hasMessage("retry");
    assertThatThrownBy(() -> options().events(null)).hasMessage("events");
    assertThatThrownBy(() -> options().priorityPolicy(null)).hasMessage("priorityPolicy");
    assertThatThrownBy(() -> options().sqsClient(null)).hasMessage("sqsClient");
  }

  @Test
  void aStopDeadlineOutOfRangeIsRefused() {
    MultiSqsListener listener = listener(ListenerOptions.defaults(), queue().build());
    assertThatThrownBy(() -> listener.stop(Duration.ofSeconds(-1)))
        .hasMessage("stop deadline must be 0 s…12 h, was -1 s");
    assertThatThrownBy(() -> listener.pauseQueue("other"))
        .hasMessage("queue must be one of [q], was other");
    assertThatThrownBy(() -> listener.pauseBus("other"))
        .hasMessage("bus must be one of [default-bus], was other");
    assertThatThrownBy(() -> listener.setPriority("q", 2_000_000))
        .hasMessage("priority must be -1000000…1000000, was 2000000");
    assertThatThrownBy(() -> listener.snapshot().queue("other"))
        .hasMessage("queue must be one of [q], was other");
  }

  @Test
  void whatIsWithinItsRangeIsKeptAsItIs() {
    SqsListenerConfig all =
        queue()
            .priority(-7)
            .bus("b")
            .polling(Polling.longPoll(Duration.ofSeconds(3)))
            .region("eu-west-1")
            .ownerAccountId("123456789012")
            .maxMessagesPerReceive(3)
            .prefetch(17)
            .maxPollers(2)
            .visibilityTimeout(Duration.ofSeconds(90))
            .handlerTimeout(Duration.ofMillis(5))
            .retry(RetryPolicy.discard())
            .messageAttributes("only")
            .circuitBreaker(CircuitBreaker.after(5, Duration.ofMinutes(1)))
            .deletes(Deletes.immediate())
            .extendLeases(false)
            .awaitQueue(true)
            .priorityOf(message -> 1)
            .build();
    assertThat(all.toBuilder().build()).isEqualTo(all).hasSameHashCodeAs(all);
    assertThat(all.toBuilder().priority(8).build()).isNotEqualTo(all);
    assertThat(all.prefetch()).hasValue(17);
    assertThat(all.polling()).isEqualTo(new Polling.LongPoll(Duration.ofSeconds(3)));
    ListenerOptions options =
        options()
            .concurrency(9)
            .busOptions("b", 1, 2)
            .priorityHold(Duration.ofMillis(5))
            .region("eu-west-1")
            .stopTimeout(Duration.ofSeconds(7))
            .stopOnShutdown(true)
            .bufferBytes(1 << 20)
            .endpointOverride(URI.create("http://127.0.0.1:9324"))
            .build();
    assertThat(options.toBuilder().build()).usingRecursiveComparison().isEqualTo(options);
    assertThat(options.busOptions()).isEqualTo(new HashMap<>(Map.of("b", new BusOptions(1, 2))));
  }

  @Test
  void aQueueIsNamedByNameUrlOrArn() {
    QueueAddress name = QueueAddress.parse("orders.fifo");
    assertThat(name.isFifo()).isTrue();
    assertThat(name.url()).isEmpty();
    QueueAddress arn = QueueAddress.parse("arn:aws-cn:sqs:cn-north-1:123456789012:orders");
    assertThat(arn.name()).isEqualTo("orders");
    assertThat(arn.region()).contains("cn-north-1");
    assertThat(arn.ownerAccountId()).contains("123456789012");
    QueueAddress url =
        QueueAddress.parse("https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
    assertThat(url.region()).contains("eu-west-1");
    assertThat(url.ownerAccountId()).contains("123456789012");
    assertThat(url.isFifo()).isFalse();
    assertThat(QueueAddress.parse("https://eu-west-1.queue.amazonaws.com/123456789012/o").region())
        .contains("eu-west-1");
    QueueAddress local = QueueAddress.parse("http://127.0.0.1:9324/queue/orders");
    assertThat(local.name()).isEqualTo("orders");
    assertThat(local.region()).isEmpty();
    assertThat(local.ownerAccountId()).isEmpty();
  }
}
