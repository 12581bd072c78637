package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.testkit.InMemorySqs;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/** What holds where nothing is said, as the README says it; and that nothing said gets lost. */
class DefaultsTest {

  @Test
  void ofAListener() {
    ListenerOptions o = ListenerOptions.defaults();
    assertThat(o.concurrency()).isEqualTo(1);
    assertThat(o.virtualThreads()).isFalse();
    assertThat(o.busOptions()).isEmpty();
    assertThat(o.priorityPolicy()).isEqualTo(PriorityPolicy.strict());
    assertThat(o.priorityHold()).as("adapted").isEqualTo(Optional.empty());
    assertThat(o.sqsClients()).as("its own").isEqualTo(Optional.empty());
    assertThat(o.endpointOverride()).as("AWS").isEqualTo(Optional.empty());
    assertThat(o.region()).as("the SDK's").isEqualTo(Optional.empty());
    assertThat(o.events()).isSameAs(ListenerEvents.NONE);
    assertThat(o.interceptors()).isEmpty();
    assertThat(o.stopTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(o.stopOnShutdown()).isFalse();
    assertThat(o.bufferBytes()).as("an eighth of the heap").isEqualTo(OptionalLong.empty());
    assertThat(o.clock()).isSameAs(ListenerClock.SYSTEM);
    assertThat(ListenerOptions.FIRST_HOLD).isEqualTo(Duration.ofMillis(100));
    assertThat(ListenerOptions.MAX_ADAPTIVE_HOLD).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void ofABus() {
    assertThat(BusOptions.DEFAULT.reserved()).isZero();
    assertThat(BusOptions.DEFAULT.cap()).as("no cap").isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void ofAQueue() {
    SqsListenerConfig q = SqsListenerConfig.of("orders");
    assertThat(q.queue()).isEqualTo("orders");
    assertThat(q.priority()).isEqualTo(1);
    assertThat(q.bus()).isEqualTo("default-bus");
    assertThat(q.polling()).isEqualTo(Polling.longPoll(Duration.ofSeconds(20)));
    assertThat(Polling.shortPoll()).isEqualTo(Polling.shortPoll(Duration.ofSeconds(60)));
    assertThat(q.region()).isEqualTo(Optional.empty());
    assertThat(q.ownerAccountId()).isEqualTo(Optional.empty());
    assertThat(q.maxMessagesPerReceive()).isEqualTo(10);
    assertThat(q.prefetch()).as("follows the pace").isEqualTo(OptionalInt.empty());
    assertThat(q.maxPollers()).as("20, or a tenth of the slots").isEmpty();
    assertThat(q.visibilityTimeout()).as("the queue's own").isEqualTo(Optional.empty());
    assertThat(q.handlerTimeout()).as("none").isEqualTo(Optional.empty());
    assertThat(q.retry()).isSameAs(RetryPolicy.DEFAULT);
    assertThat(RetryPolicy.DEFAULT_FIRST_DELAY).isEqualTo(Duration.ofSeconds(2));
    assertThat(RetryPolicy.DEFAULT_MAX_DELAY).isEqualTo(Duration.ofMinutes(5));
    assertThat(q.messageAttributes()).containsExactly("All");
    assertThat(q.priorityOf()).isEqualTo(Optional.empty());
    assertThat(q.circuitBreaker()).isEqualTo(Optional.empty());
    assertThat(q.deletes()).isEqualTo(Deletes.batched(Duration.ofMillis(100)));
    assertThat(q.deletes().batchSize()).isEqualTo(10);
    assertThat(q.extendLeases()).isTrue();
    assertThat(q.awaitQueue()).isFalse();
    assertThat(q.sqsClient()).isEqualTo(Optional.empty());
  }

  @Test
  void aQueuesBuilderStartsFromAllThatWasSet() {
    ToIntFunction<ReceivedMessage> byBody = message -> message.body().length();
    SqsListenerConfig all =
        SqsListenerConfig.builder("orders")
            .priority(7)
            .bus("b")
            .polling(Polling.shortPoll())
            .region("eu-west-1")
            .ownerAccountId("123456789012")
            .maxMessagesPerReceive(3)
            .prefetch(4)
            .maxPollers(5)
            .visibilityTimeout(Duration.ofSeconds(6))
            .handlerTimeout(Duration.ofSeconds(8))
            .retry(RetryPolicy.discard())
            .messageAttributes("a")
            .priorityOf(byBody)
            .circuitBreaker(CircuitBreaker.after(2, Duration.ofSeconds(9)))
            .deletes(Deletes.immediate())
            .extendLeases(false)
            .awaitQueue(true)
            .sqsClient(new InMemorySqs())
            .build();
    assertThat(all.toBuilder().build()).isEqualTo(all).isNotEqualTo(SqsListenerConfig.of("orders"));
    assertThat(all.toBuilder().build()).usingRecursiveComparison().isEqualTo(all);
  }

  @Test
  void aListenersBuilderStartsFromAllThatWasSet() {
    ListenerOptions all =
        ListenerOptions.builder()
            .concurrency(4)
            .busOptions("b", 1, 2)
            .priorityPolicy(PriorityPolicy.weighted(Map.of(1, 2)))
            .priorityHold(Duration.ofMillis(3))
            .sqsClients(region -> new InMemorySqs())
            .region("eu-west-1")
            .events(new ListenerEvents() {})
            .interceptor((message, rest) -> rest.proceed())
            .stopTimeout(Duration.ofSeconds(5))
            .stopOnShutdown(true)
            .bufferBytes(1 << 20)
            .clock(clock())
            .build();
    assertThat(all.toBuilder().build()).usingRecursiveComparison().isEqualTo(all);
    ListenerOptions elsewhere =
        ListenerOptions.builder().endpointOverride(URI.create("http://127.0.0.1:1")).build();
    assertThat(elsewhere.toBuilder().build().endpointOverride())
        .isEqualTo(elsewhere.endpointOverride());
  }

  private static ListenerClock clock() {
    return (ListenerClock)
        Proxy.newProxyInstance(
            DefaultsTest.class.getClassLoader(),
            new Class<?>[] {ListenerClock.class},
            (proxy, method, arguments) -> method.invoke(ListenerClock.SYSTEM, arguments));
  }
}
