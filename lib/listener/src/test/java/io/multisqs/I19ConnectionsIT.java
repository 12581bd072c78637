package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Over HTTP, where connections are. */
@Tag("I19")
class I19ConnectionsIT {
  private static final String REGION = "eu-west-1";

  private StandingSqs sqs;

  @BeforeEach
  void startServer() throws IOException {
    sqs = new StandingSqs();
  }

  @AfterEach
  void stopServer() {
    sqs.close();
  }

  private SqsClient client(int maxConnections) {
    return SqsClient.builder()
        .endpointOverride(sqs.endpoint())
        .region(Region.of(REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("none", "none")))
        .httpClientBuilder(Apache5HttpClient.builder().maxConnections(maxConnections))
        .build();
  }

  private static MultiSqsListener listener(
      ListenerOptions.Builder options, List<SqsListenerConfig> queues) {
    return MultiSqsListener.of(
        queues,
        options.region(REGION).virtualThreads(VirtualThreads.areAskedFor()).build(),
        (queue, bus, priority, message) -> {});
  }

  private static SqsListenerConfig queue(String name, int maxPollers) {
    return SqsListenerConfig.builder(name).maxPollers(maxPollers).build();
  }

  @Test
  void aClientThatIsTooSmallIsRefusedWithTheNumberItNeeds() {
    try (SqsClient client = client(5)) {
      MultiSqsListener listener =
          listener(
              ListenerOptions.builder().sqsClient(client),
              List.of(queue("orders", 4), queue("mails", 7)));
      ListenerStartException refused =
          catchThrowableOfType(ListenerStartException.class, listener::start);
      assertThat(refused.problems())
          .containsExactly(
              new ListenerStartException.Problem(
                  "orders, mails",
                  REGION,
                  "the client has at most 5 connections, and the listener needs 17: one for each"
                      + " of the queues' maxPollers, 6 for deletes, leases and give-backs",
                  "give the client maxConnections of 17 or more, or the queues lower maxPollers"));
    }
  }

  @Test
  void aClientOfJustThatManyConnectionsWillDo() {
    try (SqsClient client = client(17)) {
      MultiSqsListener listener =
          listener(
              ListenerOptions.builder().sqsClient(client),
              List.of(queue("orders", 4), queue("mails", 7)));
      listener.start();
      assertThat(listener.state()).isEqualTo(ListenerState.RUNNING);
      assertThat(listener.stop(Duration.ZERO).addsUp()).isTrue();
    }
  }

  /** More queues than the SDK's own client has connections, 50. */
  @Test
  void theListenersOwnClientHasAConnectionForEachPollAndTheDeletesBesides() {
    int idle = 60;
    List<SqsListenerConfig> queues = new ArrayList<>();
    IntStream.range(0, idle).forEach(i -> queues.add(queue("idle-" + i, 1)));
    queues.add(queue("work", 1));
    System.setProperty("aws.accessKeyId", "none");
    System.setProperty("aws.secretAccessKey", "none");
    MultiSqsListener listener =
        listener(ListenerOptions.builder().endpointOverride(sqs.endpoint()), queues);
    try {
      listener.start();
      await().atMost(Duration.ofMinutes(1)).until(() -> sqs.standing.get() == idle + 1);
      await().atMost(Duration.ofMinutes(1)).until(() -> sqs.deletes.get() == 1);
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
      listener.stop(Duration.ZERO);
    }
  }
}
