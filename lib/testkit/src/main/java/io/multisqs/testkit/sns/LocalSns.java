package io.multisqs.testkit.sns;

import io.multisqs.testkit.LocalSqs;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.SnsClientBuilder;

/**
 * A small SNS on a free port of the loopback interface, which delivers into the queues of a {@link
 * LocalSqs}.
 *
 * <p>It has topics and FIFO topics, subscriptions of queues with raw delivery or the JSON envelope,
 * filter policies by message attribute, and publishing one by one and in batches. It speaks SNS's
 * own query protocol, so that any SDK can talk to it. What it does not have (other protocols than
 * {@code sqs}, filter policies by body, data protection, delivery retries and dead-letter queues)
 * it refuses with {@code InvalidParameter} rather than to ignore it.
 *
 * <p>Unlike AWS it delivers before it answers a publish, a change is in effect at once, and neither
 * credentials nor the policies of topics and queues are looked at. A delivery that fails, since the
 * queue is gone for instance, is dropped and counted.
 *
 * <p>Needs {@code software.amazon.awssdk:sns} on the class path. All methods are safe for use by
 * any number of threads.
 */
public final class LocalSns implements AutoCloseable {
  private final Topics topics;
  private final Deliveries deliveries;
  private final SnsServer server;
  private final SnsClient client;

  private LocalSns(LocalSqs sqs, int port, LongSupplier nanoTime) {
    deliveries = new Deliveries(sqs.client());
    topics = new Topics(LocalSqs.REGION.id(), LocalSqs.ACCOUNT_ID, deliveries, nanoTime);
    server = SnsServer.start(port, new SnsActions(topics));
    client = clientBuilder().build();
  }

  /**
   * Starts a server on a free port, and returns when it answers.
   *
   * @param sqs where it delivers to; closed by whoever started it, after this server
   * @return the server, to be closed
   */
  public static LocalSns start(LocalSqs sqs) {
    return start(sqs, 0);
  }

  /**
   * Starts a server on a port.
   *
   * @param sqs where it delivers to; closed by whoever started it, after this server
   * @param port 0 … 65535, 0 for any free one
   * @return the server, to be closed
   * @throws IllegalArgumentException if the port is out of range
   * @throws IllegalStateException if the port is taken
   */
  public static LocalSns start(LocalSqs sqs, int port) {
    return start(sqs, port, System::nanoTime);
  }

  /** As {@link #start(LocalSqs, int)}, with a clock for the deduplication interval. */
  static LocalSns start(LocalSqs sqs, int port, LongSupplier nanoTime) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0…65535, was " + port);
    }
    return new LocalSns(sqs, port, nanoTime);
  }

  /**
   * A client to this server, the same one each time. It is closed with the server.
   *
   * @return the client
   */
  public SnsClient client() {
    return client;
  }

  /**
   * A builder for a client of one's own to this server: endpoint, region, credentials and HTTP
   * client are set and may be set again. Whoever builds a client closes it.
   *
   * @return a new builder
   */
  public SnsClientBuilder clientBuilder() {
    return SnsClient.builder()
        .endpointOverride(endpoint())
        .region(LocalSqs.REGION)
        .credentialsProvider(LocalSqs.credentials())
        .httpClientBuilder(
            Apache5HttpClient.builder().maxConnections(50).socketTimeout(Duration.ofSeconds(30)));
  }

  /**
   * Where the server listens.
   *
   * @return {@code http://127.0.0.1:<port>}
   */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /**
   * Creates a topic, or finds the one that has this name. A name that ends in {@code .fifo} makes a
   * FIFO topic, without content-based deduplication.
   *
   * @param name the topic's name
   * @return the topic's ARN
   */
  public String createTopic(String name) {
    return client
        .createTopic(
            r ->
                r.name(name)
                    .attributes(name.endsWith(".fifo") ? Map.of("FifoTopic", "true") : Map.of()))
        .topicArn();
  }

  /**
   * How many messages were delivered into a queue so far.
   *
   * @param queueName the queue's name
   * @return messages that the queue took
   */
  public long delivered(String queueName) {
    return deliveries.delivered(queueName);
  }

  /**
   * How many deliveries failed so far, over all queues; each was dropped.
   *
   * @return messages that no queue took
   */
  public long dropped() {
    return deliveries.dropped();
  }

  /** Closes the client and ends the server with its threads. Calls under way may fail. */
  @Override
  public void close() {
    client.close();
    server.stop();
  }
}
