package io.multisqs.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Each HTTP client that the SDK offers, with signed requests, over one kept connection and again.
 */
class EveryHttpClientTest {
  private final WireSqs server = WireSqs.start(WireSqsOptions.defaults());

  @AfterEach
  void close() {
    server.close();
  }

  @SuppressWarnings("deprecation") // Apache 4 is what older applications still run on.
  static Stream<Named<SdkHttpClient.Builder<?>>> syncClients() {
    return Stream.of(
        Named.of("url-connection", UrlConnectionHttpClient.builder()),
        Named.of("apache", ApacheHttpClient.builder()),
        Named.of("apache5", Apache5HttpClient.builder()),
        Named.of("crt", AwsCrtHttpClient.builder()));
  }

  static Stream<Named<SdkAsyncHttpClient.Builder<?>>> asyncClients() {
    return Stream.of(
        Named.of("netty", NettyNioAsyncHttpClient.builder()),
        Named.of("crt", AwsCrtAsyncHttpClient.builder()));
  }

  @ParameterizedTest
  @MethodSource("syncClients")
  void syncClientReceivesAndDeletes(SdkHttpClient.Builder<?> http) {
    server.preload("q", 20, 1024);
    try (SqsClient sqs =
        SqsClient.builder()
            .httpClientBuilder(http)
            .endpointOverride(server.endpoint())
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
            .build()) {
      for (int i = 0; i < 20; i++) {
        List<Message> messages =
            sqs.receiveMessage(r -> r.queueUrl(server.queueUrl("q"))).messages();
        assertThat(messages).hasSize(1);
        sqs.deleteMessage(
            r -> r.queueUrl(server.queueUrl("q")).receiptHandle(messages.get(0).receiptHandle()));
      }
    }
    assertThat(server.visible("q") + server.invisible("q")).isZero();
  }

  @ParameterizedTest
  @MethodSource("asyncClients")
  void asyncClientReceivesAndDeletes(SdkAsyncHttpClient.Builder<?> http) {
    server.preload("q", 20, 1024);
    try (SqsAsyncClient sqs =
        SqsAsyncClient.builder()
            .httpClientBuilder(http)
            .endpointOverride(server.endpoint())
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .build()) {
      for (int i = 0; i < 20; i++) {
        List<Message> messages =
            sqs.receiveMessage(r -> r.queueUrl(server.queueUrl("q"))).join().messages();
        assertThat(messages).hasSize(1);
        sqs.deleteMessage(
                r ->
                    r.queueUrl(server.queueUrl("q")).receiptHandle(messages.get(0).receiptHandle()))
            .join();
      }
    }
    assertThat(server.visible("q") + server.invisible("q")).isZero();
  }
}
