package io.multisqs.testkit;

import io.multisqs.testkit.internal.LocalServer;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A real SQS server, ElasticMQ, in this JVM, on a free port of the loopback interface.
 *
 * <p>It keeps everything in memory and forgets it when closed. It is quiet: of its own log only
 * warnings are let through, as far as the logging that is bound to SLF4J allows it (slf4j-simple,
 * Logback, {@code java.util.logging}; elsewhere quieten the loggers {@code org.elasticmq} and
 * {@code org.apache.pekko}). {@link Builder#loud} turns that off.
 *
 * <p>The first start in a JVM costs some 5 s of CPU, nearly all of it for loading classes: 2 to 5 s
 * on two cores with little else to do, several times that on a machine that is busy. Each later
 * start takes about 0.1 s, and so does {@link #close}. Its threads are daemons and end with it.
 *
 * <p>It differs from AWS where {@code lib/docs/TESTKIT.md} says so. The difference that listeners
 * meet most: it refuses to delete by an outdated receipt handle, of a message that was received
 * again since, where AWS lets such a delete pass without effect.
 *
 * <p>All methods are safe for use by any number of threads.
 */
public final class LocalSqs implements AutoCloseable {

  /** The region that the server says it is in. */
  public static final Region REGION = Region.US_EAST_1;

  /** The account that owns all queues. */
  public static final String ACCOUNT_ID = "000000000000";

  private static final int CLIENT_CONNECTIONS = 200;

  private final LocalServer server;
  private final URI endpoint;
  private final SqsClient client;

  private LocalSqs(Builder builder) {
    server = LocalServer.start(builder.port, REGION.id(), ACCOUNT_ID, builder.loud);
    endpoint = URI.create("http://127.0.0.1:" + server.port());
    client = clientBuilder().build();
  }

  /**
   * Starts a server on a free port, and returns when it answers.
   *
   * @return the server, to be closed
   */
  public static LocalSqs start() {
    return builder().start();
  }

  /**
   * A server with other settings than the default ones.
   *
   * @return a builder with the default settings
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A client to this server, the same one each time, with 200 connections. It is closed with the
   * server.
   *
   * @return the client
   */
  public SqsClient client() {
    return client;
  }

  /**
   * A builder for a client of one's own to this server: endpoint, region, credentials and HTTP
   * client are set and may be set again. Whoever builds a client closes it.
   *
   * @return a new builder
   */
  public SqsClientBuilder clientBuilder() {
    return SqsClient.builder()
        .endpointOverride(endpoint)
        .region(REGION)
        .credentialsProvider(credentials())
        .httpClientBuilder(
            // The server's longest poll is 20 s; a read must be given more.
            Apache5HttpClient.builder()
                .maxConnections(CLIENT_CONNECTIONS)
                .socketTimeout(Duration.ofSeconds(30)));
  }

  /**
   * Credentials that satisfy an SDK client; the server checks none.
   *
   * @return made-up credentials
   */
  public static StaticCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));
  }

  /**
   * Where the server listens.
   *
   * @return {@code http://127.0.0.1:<port>}
   */
  public URI endpoint() {
    return endpoint;
  }

  /**
   * The region to give to a client.
   *
   * @return {@link #REGION}
   */
  public Region region() {
    return REGION;
  }

  /**
   * Creates a queue, or finds the one that has this name. A name that ends in {@code .fifo} makes a
   * FIFO queue, without content-based deduplication.
   *
   * @param name the queue's name
   * @return the queue's URL
   */
  public String createQueue(String name) {
    return createQueue(name, Map.of());
  }

  /**
   * Creates a queue with the given attributes. A name that ends in {@code .fifo} makes a FIFO
   * queue; there is no need to set {@link QueueAttributeName#FIFO_QUEUE}.
   *
   * @param name the queue's name
   * @param attributes the queue's attributes, such as {@code VISIBILITY_TIMEOUT} in seconds
   * @return the queue's URL
   */
  public String createQueue(String name, Map<QueueAttributeName, String> attributes) {
    Map<QueueAttributeName, String> all = new EnumMap<>(QueueAttributeName.class);
    if (name.endsWith(".fifo")) {
      all.put(QueueAttributeName.FIFO_QUEUE, "true");
    }
    all.putAll(attributes);
    return client.createQueue(r -> r.queueName(name).attributes(all)).queueUrl();
  }

  /** Deletes every queue with all that is in it, so that one server can serve many tests. */
  public void deleteAllQueues() {
    client
        .listQueuesPaginator(r -> r.maxResults(1000))
        .queueUrls()
        .forEach(url -> client.deleteQueue(r -> r.queueUrl(url)));
  }

  /** Closes the client and ends the server with its threads. Calls under way fail. */
  @Override
  public void close() {
    client.close();
    server.stop();
  }

  /** Settings of a server. Not safe for use by several threads. */
  public static final class Builder {
    private boolean loud;
    private int port;

    private Builder() {}

    /**
     * Whether the server's log is left as the bound logging has it. Default: false, warnings only.
     *
     * @param loud true for the whole log
     * @return this builder
     */
    public Builder loud(boolean loud) {
      this.loud = loud;
      return this;
    }

    /**
     * The port to listen on. Default: 0, any free one.
     *
     * @param port 0 … 65535
     * @return this builder
     * @throws IllegalArgumentException if the port is out of range
     */
    public Builder port(int port) {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port must be 0…65535, was " + port);
      }
      this.port = port;
      return this;
    }

    /**
     * Starts the server and returns when it answers.
     *
     * @return the server, to be closed
     * @throws IllegalStateException if the port is taken
     */
    public LocalSqs start() {
      return new LocalSqs(this);
    }
  }
}
