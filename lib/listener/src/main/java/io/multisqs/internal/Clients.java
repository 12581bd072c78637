package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * A client for each region: the user's, or one of the listener's own with room for every connection
 * that it may use at once, so that polls, deletes and lease calls do not wait for each other (I19).
 */
final class Clients implements AutoCloseable {
  private static final Log log = Log.of("io.multisqs.Clients");

  /** Longer than the longest long poll, 20 s, and than the limit that each call has by itself. */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(35);

  /**
   * Where several are there: the one that takes the least CPU a message and comes with the SDK's
   * sqs module, then the others that keep connections in a pool of a size that can be set.
   */
  private static final List<String> PREFERRED = List.of(".apache5.", ".apache.", ".crt.");

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final ListenerOptions options;
  private final IntSupplier connections;
  private final Map<String, SqsClient> clients = new LinkedHashMap<>(); // guarded by this
  private final List<AutoCloseable> own = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

  /** Held while the user's function runs, so that it is asked once for each region. */
  private final Object asking = new Object();

  /**
   * Ends the calls that take longer than their limit. The SDK's own timer has five threads, and
   * keeps what it need not do any more until it would have been due: the limits of tens of
   * thousands of calls that ended long ago, for each of which a thread then wakes.
   */
  private final ScheduledThreadPoolExecutor limits =
      new ScheduledThreadPoolExecutor(1, work -> Threads.daemon("call-limits", work));

  Clients(ListenerOptions options, IntSupplier connections) {
    this.options = options;
    this.connections = connections;
    limits.setRemoveOnCancelPolicy(true);
  }

  /**
   * The gateway to a region, or to an endpoint in it that only the listener's own clients connect
   * to. Throws what the SDK, or the user's function, throws. {@link #close} does not wait for the
   * user's function.
   */
  SqsGateway gateway(String region, @Nullable URI endpoint) {
    boolean special = endpoint != null && !areTheUsers() && options.endpointOverride().isEmpty();
    String place = special ? region + " at " + endpoint : region;
    SqsGateway known = known(place);
    if (known != null) {
      return known;
    }
    if (!areTheUsers()) {
      synchronized (this) {
        refuseWhenClosed();
        URI at = special ? endpoint : options.endpointOverride().orElse(null);
        return new SqsGateway(clients.computeIfAbsent(place, p -> own(region, at)));
      }
    }
    synchronized (asking) {
      known = known(place); // It may have been made meanwhile: the user is asked once a region.
      if (known != null) {
        return known;
      }
      SqsClient made = theUsers(region);
      synchronized (this) {
        refuseWhenClosed();
        clients.put(place, made);
      }
      return new SqsGateway(made);
    }
  }

  private synchronized @Nullable SqsGateway known(String place) {
    refuseWhenClosed();
    SqsClient client = clients.get(place);
    return client == null ? null : new SqsGateway(client);
  }

  private void refuseWhenClosed() {
    if (closed) {
      throw new IllegalStateException("the listener has stopped");
    }
  }

  boolean areTheUsers() {
    return options.sqsClients().isPresent();
  }

  private SqsClient theUsers(String region) {
    SqsClient client = options.sqsClients().orElseThrow().apply(region);
    if (client == null) {
      throw new IllegalArgumentException("sqsClients must give a client, gave null");
    }
    return client;
  }

  private SqsClient own(String region, @Nullable URI endpoint) {
    SdkHttpClient http =
        httpService()
            .createHttpClientBuilder()
            .buildWithDefaults(
                AttributeMap.builder()
                    .put(SdkHttpConfigurationOption.MAX_CONNECTIONS, connections.getAsInt())
                    .put(SdkHttpConfigurationOption.READ_TIMEOUT, READ_TIMEOUT)
                    .put(SdkHttpConfigurationOption.CONNECTION_TIMEOUT, CONNECT_TIMEOUT)
                    .build());
    SqsClientBuilder builder =
        SqsClient.builder()
            .region(Region.of(region))
            .httpClient(http)
            .overrideConfiguration(
                c ->
                    // Retries are this library's, which knows which message still can wait for one.
                    c.retryStrategy(DefaultRetryStrategy.doNotRetry())
                        .scheduledExecutorService(limits));
    if (endpoint != null) {
      builder.endpointOverride(endpoint);
    }
    SqsClient client = builder.build();
    own.add(client);
    own.add(http);
    return client;
  }

  /** The HTTP client on the class path: the first of the preferred ones, or else by name. */
  private static SdkHttpService httpService() {
    return ServiceLoader.load(SdkHttpService.class, Clients.class.getClassLoader()).stream()
        .min(
            Comparator.<ServiceLoader.Provider<SdkHttpService>>comparingInt(
                    p -> preference(p.type().getName()))
                .thenComparing(p -> p.type().getName()))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no HTTP client of the AWS SDK is on the class path; add one, such as"
                        + " software.amazon.awssdk:apache5-client, or bring an sqsClient"))
        .get();
  }

  private static int preference(String service) {
    for (int i = 0; i < PREFERRED.size(); i++) {
      if (service.contains(PREFERRED.get(i))) {
        return i;
      }
    }
    return PREFERRED.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (AutoCloseable closeable : own) {
      try {
        closeable.close();
      } catch (Exception e) {
        log.warn("closing a client failed, which changes nothing", e);
      }
    }
    own.clear();
    limits.shutdownNow();
  }
}
