package io.multisqs.benchmarks.peers;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The HTTP clients that the SDK can be given, by the name on the command line. All sign their
 * requests, as users' do.
 */
public enum Http {
  /** The JDK's own, blocking. */
  URL_CONNECTION("url-connection"),
  /** Apache 4, blocking. */
  APACHE("apache"),
  /** Apache 5, blocking; the SDK's default. */
  APACHE5("apache5"),
  /** Netty, asynchronous; the SDK's default for that. */
  NETTY("netty"),
  /** The AWS common runtime's, blocking or asynchronous. */
  CRT("crt");

  final String label;

  Http(String label) {
    this.label = label;
  }

  SqsClient sync(Setup setup, int connections) {
    return sync(setup, connections, ClientOverrideConfiguration.builder().build());
  }

  @SuppressWarnings("deprecation") // Apache 4 is what older applications still run on.
  SqsClient sync(Setup setup, int connections, ClientOverrideConfiguration override) {
    var builder = SqsClient.builder().overrideConfiguration(override);
    switch (this) {
      case URL_CONNECTION -> builder.httpClientBuilder(UrlConnectionHttpClient.builder());
      case APACHE ->
          builder.httpClientBuilder(ApacheHttpClient.builder().maxConnections(connections));
      case APACHE5 ->
          builder.httpClientBuilder(Apache5HttpClient.builder().maxConnections(connections));
      case CRT -> builder.httpClientBuilder(AwsCrtHttpClient.builder().maxConcurrency(connections));
      case NETTY -> throw new IllegalArgumentException("Netty has no blocking client");
    }
    return common(builder, setup).build();
  }

  SqsAsyncClient async(Setup setup, int connections) {
    var builder = SqsAsyncClient.builder();
    switch (this) {
      case NETTY ->
          builder.httpClientBuilder(NettyNioAsyncHttpClient.builder().maxConcurrency(connections));
      case CRT ->
          builder.httpClientBuilder(AwsCrtAsyncHttpClient.builder().maxConcurrency(connections));
      default -> throw new IllegalArgumentException(label + " has no asynchronous client");
    }
    return common(builder, setup).build();
  }

  /**
   * The asynchronous client as a user gets it who sets nothing beyond where the server is; with
   * more than 25 queues, with two connections for each. A poll stands on one, and where all 50 are
   * taken by polls of the first queues the others' containers do not even start.
   */
  static SqsAsyncClient plainAsync(Setup setup) {
    return NETTY.async(setup, Math.max(50, 2 * setup.queues().size()));
  }

  /** With connections for many receives at once, and some for each of many slots or queues. */
  static SqsAsyncClient wideAsync(Setup setup) {
    int most = Math.max(setup.concurrency(), 4 * setup.queues().size());
    return NETTY.async(setup, Math.max(200, most));
  }

  private static <B extends AwsClientBuilder<B, ?>> B common(B builder, Setup setup) {
    return builder
        .endpointOverride(setup.endpoint())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("bench", "bench")));
  }
}
