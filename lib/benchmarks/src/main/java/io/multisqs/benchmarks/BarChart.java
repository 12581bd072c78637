package io.multisqs.benchmarks;

import io.multisqs.benchmarks.Results.Spread;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Draws a table's first column as SVG: a bar a consumer, and a thin line from the least round to
 * the most, with a mark where a consumer fell short.
 */
final class BarChart {
  private static final int WIDTH = 760;
  private static final int LEFT = 190;
  private static final int RIGHT = 110;
  private static final int TOP = 58;
  private static final int ROW = 26;
  private static final int LINE = 16;
  private static final int BAR = 16;

  private BarChart() {}

  static String of(
      Table table,
      Workload workload,
      Results results,
      Collection<String> consumers,
      String footer) {
    Column column = table.columns().get(0);
    double most = 0;
    Set<Shortfall> shortfalls = EnumSet.noneOf(Shortfall.class);
    for (String consumer : consumers) {
      double max = results.spread(workload, table.phase(), consumer, column).max();
      most = Double.isFinite(max) ? Math.max(most, max) : most;
      shortfalls.addAll(results.shortfalls(workload, table.phase(), consumer));
    }
    int height = TOP + ROW * consumers.size() + LINE * shortfalls.size() + 30;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
            WIDTH,
            height,
            WIDTH,
            height));
    text(svg, 16, 24, "start", "#222222", "font-weight=\"bold\" font-size=\"15\"", table.title());
    text(svg, 16, 44, "start", "#666666", "", column.title());
    int y = TOP;
    for (String consumer : consumers) {
      row(
          svg,
          consumer,
          results.shortfalls(workload, table.phase(), consumer),
          results.spread(workload, table.phase(), consumer, column),
          column,
          most,
          y);
      y += ROW;
    }
    for (Shortfall shortfall : shortfalls) {
      text(svg, 16, y + 13, "start", "#666666", "font-size=\"11\"", shortfall.legend());
      y += LINE;
    }
    text(svg, 16, height - 12, "start", "#888888", "font-size=\"11\"", footer);
    return svg.append("</svg>\n").toString();
  }

  private static void row(
      StringBuilder svg,
      String consumer,
      Set<Shortfall> shortfalls,
      Spread spread,
      Column column,
      double most,
      int y) {
    boolean ours = consumer.startsWith("multisqs");
    String weight = ours ? "font-weight=\"bold\"" : "";
    String name = Shortfall.marked(consumer, shortfalls);
    text(svg, LEFT - 8, y + 13, "end", "#222222", weight, name);
    if (!Double.isFinite(spread.median())) {
      text(svg, LEFT + 4, y + 13, "start", "#888888", "", "no result");
      return;
    }
    double scale = most == 0 ? 0 : (WIDTH - LEFT - RIGHT) / most;
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
            LEFT,
            y,
            Math.max(1, spread.median() * scale),
            BAR,
            ours ? "#1f6feb" : consumer.startsWith("raw") ? "#8c959f" : "#c4cad1"));
    if (spread.max() > spread.min()) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#222222\"/>%n",
              LEFT + spread.min() * scale,
              y + BAR / 2,
              LEFT + spread.max() * scale,
              y + BAR / 2));
    }
    text(
        svg,
        (int) (LEFT + Math.max(spread.median(), spread.max()) * scale) + 6,
        y + 13,
        "start",
        "#222222",
        "",
        Markdown.number(spread.median(), column.decimals()));
  }

  private static void text(
      StringBuilder svg, int x, int y, String anchor, String fill, String more, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\" %s>%s</text>%n",
            x,
            y,
            anchor,
            fill,
            more,
            text.replace("&", "&amp;").replace("<", "&lt;")));
  }
}
