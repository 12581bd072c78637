package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.sns.LocalSns;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A process that gets SIGTERM handles what was published before, and leaves nothing. */
class BroadcastSigtermIT {
  private static final int WAITING = 50;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void sigtermLosesNothing() throws Exception {
    try (LocalSqs sqs = LocalSqs.start();
        LocalSns sns = LocalSns.start(sqs)) {
      String topic = sns.createTopic("sigterm");
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  Child.class.getName(),
                  sqs.endpoint().toString(),
                  sns.endpoint().toString(),
                  topic)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        assertThat(out.readLine()).isEqualTo("listens");
        List<String> published = IntStream.range(0, WAITING).mapToObj(n -> "m" + n).toList();
        published.forEach(m -> sns.client().publish(r -> r.topicArn(topic).message(m)));

        List<String> handled = new ArrayList<>();
        handled.add(out.readLine());
        // By its handle: the process's own destroy() would also close what it still has to say.
        process.toHandle().destroy();
        out.lines().forEach(handled::add);

        assertThat(handled).containsExactlyInAnyOrderElementsOf(published);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(sqs.client().listQueues().queueUrls()).isEmpty();
        assertThat(sns.client().listSubscriptions().subscriptions()).isEmpty();
      } finally {
        process.destroyForcibly();
      }
    }
  }

  /** The process: one slot, so that nearly all is still waiting when the signal comes. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      SqsClient sqs =
          SqsClient.builder()
              .endpointOverride(URI.create(args[0]))
              .region(LocalSqs.REGION)
              .credentialsProvider(LocalSqs.credentials())
              .build();
      SnsClient sns =
          SnsClient.builder()
              .endpointOverride(URI.create(args[1]))
              .region(LocalSqs.REGION)
              .credentialsProvider(LocalSqs.credentials())
              .build();
      BroadcastOptions options =
          BroadcastOptions.builder("sigterm")
              .sqsClient(sqs)
              .snsClient(sns)
              .settle(Duration.ZERO, Duration.ZERO)
              .emptyFor(Duration.ofSeconds(1))
              .build();
      try (BroadcastQueue own = BroadcastQueue.subscribe(args[2], options)) {
        MultiSqsListener listener =
            MultiSqsListener.of(
                List.of(own.config()),
                ListenerOptions.builder().concurrency(1).build(),
                (queue, bus, priority, message) -> {
                  Thread.sleep(20);
                  System.out.println(message.body());
                });
        own.stopOnShutdown(listener, Duration.ofMinutes(2));
        System.out.println("listens");
        listener.listen();
      }
    }
  }
}
