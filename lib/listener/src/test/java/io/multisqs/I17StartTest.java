package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.multisqs.testkit.Fault;
import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testkit.Operation;
import io.multisqs.testlog.Lines;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.HttpMetric;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricCollector;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/** A start tries again what may pass, side by side, within one limit; and names what does not. */
@Tag("I17")
class I17StartTest {
  private final InMemorySqs sqs = new InMemorySqs();

  private static MultiSqsListener listener(
      ListenerOptions.Builder options, List<SqsListenerConfig> queues) {
    return MultiSqsListener.of(queues, options.build(), (queue, bus, priority, message) -> {});
  }

  private static ListenerStartException refusal(
      ListenerOptions.Builder options, List<SqsListenerConfig> queues) {
    ListenerStartException refused =
        catchThrowableOfType(ListenerStartException.class, () -> listener(options, queues).start());
    assertThat(refused).as("the start is refused").isNotNull();
    return refused;
  }

  private ListenerOptions.Builder options() {
    return ListenerOptions.builder().sqsClient(sqs).region("us-east-1");
  }

  private static List<SqsListenerConfig> queues(int number) {
    return IntStream.range(0, number).mapToObj(i -> SqsListenerConfig.of("q" + i)).toList();
  }

  static Stream<Fault> transientFaults() {
    return Stream.of(
        Fault.throttle(), Fault.internalError(), Fault.timeout(), Fault.lostResponse());
  }

  @ParameterizedTest
  @MethodSource("transientFaults")
  void oneTransientErrorFailsNoStart(Fault fault) {
    for (Operation operation : List.of(Operation.GET_QUEUE_URL, Operation.GET_QUEUE_ATTRIBUTES)) {
      sqs.createQueue("q0");
      sqs.faults().next(operation, fault);
      MultiSqsListener listener = listener(options(), queues(1));
      listener.start();
      assertThat(listener.state()).isEqualTo(ListenerState.RUNNING);
      assertThat(listener.stop(Duration.ZERO).addsUp()).isTrue();
    }
  }

  @Test
  void whatDoesNotPassIsNotTriedAgain() {
    sqs.faults()
        .always(
            Operation.GET_QUEUE_URL,
            Fault.refuse(() -> SdkClientException.create("Unable to load credentials: a, b, c")));
    refusal(options(), queues(1));
    assertThat(sqs.calls()).hasSize(1);
  }

  @Test
  void theSameProblemOfManyQueuesIsSaidOnceAndTheSdksTextLast() {
    sqs.faults()
        .always(
            Operation.GET_QUEUE_URL,
            Fault.refuse(() -> SdkClientException.create("Unable to load credentials: a, b, c")));
    ListenerStartException refused = refusal(options(), queues(3));
    assertThat(refused.problems()).hasSize(3);
    assertThat(refused)
        .hasMessage(
            "the listener does not start, nothing was received; 3 problems:\n  - queues q0, q1, q2"
                + " in us-east-1: there are no credentials; give the process credentials that SQS"
                + " takes, in the environment or on your client; said: Unable to load credentials:"
                + " a, b, c");
  }

  /** Answers no call before eight are there; or never. */
  private static final class Slow implements SqsClient {
    private final CountDownLatch calls;

    Slow(int calls) {
      this.calls = new CountDownLatch(calls);
    }

    @Override
    public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest request) {
      calls.countDown();
      try {
        calls.await();
      } catch (InterruptedException e) {
        throw SdkClientException.create("interrupted", e);
      }
      return GetQueueUrlResponse.builder()
          .queueUrl("http://127.0.0.1/000000000000/" + request.queueName())
          .build();
    }

    @Override
    public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
      return GetQueueAttributesResponse.builder()
          .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30"))
          .build();
    }

    @Override
    public String serviceName() {
      return SERVICE_NAME;
    }

    @Override
    public void close() {}
  }

  @Test
  void queuesAreLookedUpSideBySide() {
    MultiSqsListener listener = listener(options().sqsClient(new Slow(8)), queues(8));
    listener.start();
    assertThat(listener.state()).isEqualTo(ListenerState.RUNNING);
    listener.stop(Duration.ZERO);
  }

  @Test
  void aServerThatNeverAnswersIsGivenUpOnceForAllQueues() {
    ListenerStartException refused =
        refusal(
            options().sqsClient(new Slow(1_000)).startTimeout(Duration.ofMillis(100)), queues(40));
    assertThat(refused.problems()).hasSize(40);
    assertThat(refused.problems().get(39).problem())
        .isEqualTo("was not found within the startTimeout of 100 ms: no call was answered");
    assertThat(refused.getMessage().lines()).hasSize(2);
  }

  @Test
  void aStopEndsAStartThatWaits() {
    Slow slow = new Slow(1_000);
    MultiSqsListener listener = listener(options().sqsClient(slow), queues(1));
    Thread starting = new Thread(listener::start);
    starting.start();
    await().until(() -> slow.calls.getCount() == 999);
    listener.stop(Duration.ZERO);
    await().until(() -> !starting.isAlive());
    assertThat(listener.state()).isEqualTo(ListenerState.TERMINATED);
  }

  // ---- regions and endpoints --------------------------------------------------------------------

  private static SqsClient client(String region) {
    return SqsClient.builder()
        .region(Region.of(region))
        .credentialsProvider(AnonymousCredentialsProvider.create())
        .build();
  }

  @Test
  void aUrlThatDoesNotTellItsRegionIsRefused() {
    assertThat(
            refusal(
                    ListenerOptions.builder().region("us-east-1"),
                    List.of(SqsListenerConfig.of("https://sqs.example.com/123456789012/orders")))
                .problems()
                .get(0)
                .problem())
        .isEqualTo("its URL does not tell its region");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://eu-west-1.queue.amazonaws.com/123456789012/orders",
        "https://sqs-fips.eu-west-1.amazonaws.com/123456789012/orders",
        "arn:aws:sqs:eu-west-1:123456789012:orders",
      })
  void aClientOfAnotherRegionIsRefused(String queue) {
    try (SqsClient elsewhere = client("us-east-1")) {
      ListenerStartException.Problem problem =
          refusal(
                  ListenerOptions.builder().sqsClient(elsewhere),
                  List.of(SqsListenerConfig.of(queue)))
              .problems()
              .get(0);
      assertThat(problem.region()).isEqualTo("eu-west-1");
      assertThat(problem.problem())
          .isEqualTo("its client connects to us-east-1, where another queue may have its name");
    }
  }

  @Test
  void aUsersClientThatConnectsPastTheVpcEndpointIsRefused() {
    String host = "https://vpce-0a-1b.sqs.eu-west-1.vpce.amazonaws.com";
    try (SqsClient past = client("eu-west-1")) {
      assertThat(
              refusal(
                      ListenerOptions.builder().sqsClient(past),
                      List.of(SqsListenerConfig.of(host + "/123456789012/orders")))
                  .problems())
          .containsExactly(
              new ListenerStartException.Problem(
                  host + "/123456789012/orders",
                  "eu-west-1",
                  "its URL is that of a VPC endpoint, and its client connects elsewhere",
                  "set endpointOverride to " + host + " on your client"));
    }
  }

  // ---- awaited queues ---------------------------------------------------------------------------

  /** The machine's, but for waits, which all end after 5 ms at most. */
  private static final ListenerClock HASTY =
      new ListenerClock() {
        @Override
        public long nanoTime() {
          return SYSTEM.nanoTime();
        }

        @Override
        public Instant instant() {
          return SYSTEM.instant();
        }

        @Override
        public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
          SYSTEM.await(held, condition, Math.min(nanos, 5_000_000));
        }
      };

  private static final String LATER_ARN = "arn:aws:sqs:us-east-1:000000000000:later";

  @Test
  void anAwaitedQueueThatIsADoubleIsNotListenedToTwice() {
    List<SqsListenerConfig> queues = new ArrayList<>();
    for (String name : List.of("later", LATER_ARN)) {
      queues.add(
          SqsListenerConfig.builder(name)
              .awaitQueue(true)
              .polling(Polling.shortPoll(Duration.ofMillis(10)))
              .build());
    }
    MultiSqsListener listener = listener(options().clock(HASTY), queues);
    listener.start();
    assertThat(awaited(listener)).isEqualTo(2);
    sqs.createQueue("later");
    // The second is looked for again and again, in vain, while the first is received from.
    await()
        .until(
            () ->
                sqs.calls().stream()
                            .filter(c -> c.operation() == Operation.GET_QUEUE_ATTRIBUTES)
                            .count()
                        >= 5
                    && sqs.calls().stream().anyMatch(c -> c.operation() == Operation.RECEIVE));
    assertThat(awaited(listener)).isOne();
    listener.stop(Duration.ofSeconds(10));
  }

  /** A client of so many connections, as the SDK's metrics tell. */
  private final class OfSoManyConnections implements SqsClient {
    private final int connections;

    OfSoManyConnections(int connections) {
      this.connections = connections;
    }

    @Override
    public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest request) {
      return sqs.getQueueUrl(request);
    }

    @Override
    public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
      MetricCollector metrics = MetricCollector.create("ApiCall");
      metrics.reportMetric(HttpMetric.MAX_CONCURRENCY, connections);
      MetricCollection collected = metrics.collect();
      request
          .overrideConfiguration()
          .orElseThrow()
          .metricPublishers()
          .forEach(publisher -> publisher.publish(collected));
      return sqs.getQueueAttributes(request);
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
      return sqs.receiveMessage(request);
    }

    @Override
    public String serviceName() {
      return SERVICE_NAME;
    }

    @Override
    public void close() {}
  }

  /** Of 2 and 5 pollers, with 6 calls beside their polls: 13. */
  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void anAwaitedQueueForWhichTheClientIsTooSmallIsNotListenedTo(int connections) {
    Polling polling = Polling.shortPoll(Duration.ofMillis(10));
    List<SqsListenerConfig> queues =
        List.of(
            SqsListenerConfig.builder("here").polling(polling).maxPollers(2).build(),
            SqsListenerConfig.builder("later")
                .awaitQueue(true)
                .polling(polling)
                .maxPollers(5)
                .build());
    sqs.createQueue("here");
    List<String> lines = new CopyOnWriteArrayList<>();
    Lines.Sink sink = (name, line) -> lines.add(line);
    MultiSqsListener listener =
        listener(options().clock(HASTY).sqsClient(new OfSoManyConnections(connections)), queues);
    Lines.add(sink);
    try {
      listener.start();
      sqs.createQueue("later");
      await()
          .until(
              () ->
                  lines.stream().anyMatch(line -> line.contains("later is there now"))
                      || lines.stream().anyMatch(line -> line.contains("at most 12 connections")));
    } finally {
      Lines.remove(sink);
    }
    assertThat(awaited(listener)).isEqualTo(connections < 13 ? 1 : 0);
    if (connections < 13) {
      assertThat(lines)
          .filteredOn(line -> line.startsWith("WARN"))
          .singleElement()
          .asString()
          .contains("still waiting", "queue later", "needs 13: one for each of the queues'");
    }
    listener.stop(Duration.ofSeconds(10));
  }

  private static long awaited(MultiSqsListener listener) {
    return listener.snapshot().queues().stream()
        .filter(q -> q.status() == QueueStatus.AWAITED)
        .count();
  }

  // ---- redrive policies
  // ---------------------------------------------------------------------------

  @ParameterizedTest(name = "maxReceiveCount {0} of {1}")
  @CsvSource({"1, q", "1, q.fifo", "2, q", "10, q"})
  void aQueueWhoseMessagesMayBeReceivedOnceIsWarnedOf(String maxReceiveCount, String name) {
    boolean fifo = name.endsWith(".fifo");
    sqs.createQueue("dead" + (fifo ? ".fifo" : ""));
    sqs.createQueue(
        name,
        Map.of(
            QueueAttributeName.REDRIVE_POLICY,
            "{\"maxReceiveCount\":%s,\"deadLetterTargetArn\":\"%s\"}"
                .formatted(maxReceiveCount, sqs.arn("dead" + (fifo ? ".fifo" : "")))));
    List<String> lines = new CopyOnWriteArrayList<>();
    Lines.Sink sink = (logger, line) -> lines.add(line);
    MultiSqsListener listener = listener(options(), List.of(SqsListenerConfig.of(name)));
    Lines.add(sink);
    try {
      listener.start();
    } finally {
      Lines.remove(sink);
      listener.stop(Duration.ZERO);
    }
    assertThat(lines)
        .filteredOn(line -> line.startsWith("WARN queue " + name + " has a maxReceiveCount of 1:"))
        .hasSize(maxReceiveCount.equals("1") ? 1 : 0)
        .allMatch(line -> line.endsWith("received one message at a time") == fifo);
  }

  // ---- reserved slots ---------------------------------------------------------------------------

  @Test
  void aQueueThatNoSlotIsOpenToIsRefused() {
    List<SqsListenerConfig> queues =
        List.of(
            SqsListenerConfig.builder("jobs").build(),
            SqsListenerConfig.builder("commands").bus("admin").build());
    assertThat(
            catchThrowableOfType(
                IllegalArgumentException.class,
                () -> listener(options().concurrency(2).busOptions("admin", 2, 2), queues)))
        .hasMessage(
            "reserved slots must leave one for queue jobs of bus default-bus, whose messages would"
                + " be received and never handled; was {admin=2} reserved of a concurrency of 2");
    assertThat(listener(options().concurrency(3).busOptions("admin", 2, 2), queues)).isNotNull();
  }

  @Test
  void allSlotsMayBeReservedWhereNobodyIsShutOut() {
    SqsListenerConfig commands = SqsListenerConfig.builder("commands").bus("admin").build();
    ListenerOptions.Builder all = options().concurrency(1).busOptions("admin", 1, 1);
    assertThat(listener(all, List.of(commands))).isNotNull();
    // A message of higher priority than any queue of the bus may take its reserved slots (I5).
    SqsListenerConfig higher = SqsListenerConfig.builder("jobs").priority(2).build();
    assertThat(listener(all, List.of(commands, higher))).isNotNull();
    SqsListenerConfig single = SqsListenerConfig.builder("jobs").priorityOf(m -> 3).build();
    assertThat(listener(all, List.of(commands, single))).isNotNull();
  }
}
