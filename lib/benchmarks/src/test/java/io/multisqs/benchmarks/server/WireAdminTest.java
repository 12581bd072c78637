package io.multisqs.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WireAdminTest {
  private final WireSqs server = WireSqs.start(WireSqsOptions.defaults().withRecording(false));

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void queueIsPreloadedAndDrained() throws Exception {
    assertThat(get("/preload?queue=a&count=7&bytes=10")).isEqualTo("{}");
    assertThat(server.visible("a")).isEqualTo(7);
    assertThat(get("/stats")).contains("\"a\":{\"visible\":7,\"invisible\":0}");
    assertThat(get("/drain?queue=a")).isEqualTo("{}");
    assertThat(server.visible("a")).isZero();
  }

  @Test
  void burstsFollowEachOtherUntilTheQueueIsDrained() throws Exception {
    get("/burst?queue=a&count=2&times=3&everyMicros=1000");
    await().until(() -> server.visible("a") == 6);
    get("/burst?queue=b&count=1&times=1000000&everyMicros=1000");
    await().until(() -> server.visible("b") > 2);
    get("/drain?queue=b");
    assertThat(server.visible("b")).isZero();
  }

  @Test
  void statsTellCpuAndCounts() throws Exception {
    assertThat(get("/stats"))
        .startsWith("{\"requests\":{\"ReceiveMessage\":0,")
        .containsPattern("\"cpuNanos\":[1-9]")
        .containsPattern("\"processCpuNanos\":[1-9]");
  }

  @Test
  void mistakesAreNamed() throws Exception {
    assertThat(get("/nowhere")).isEqualTo("{\"error\":\"no such path: /nowhere\"}");
    assertThat(get("/preload?queue=a")).isEqualTo("{\"error\":\"count is missing\"}");
    assertThat(get("/latency?micros=1&jitterMicros=2")).contains("jitter not exceed it");
  }

  private String get(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(server.endpoint().resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
