package dev.backstitch.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.plan.Task;
import java.awt.Rectangle;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class SvgTest {
    private static final double FLAT = 0.25;

    static Stream<Arguments> dags() {
        return Stream.of(
                Arguments.of("one", Dags.ofOne()),
                Arguments.of("several", Dags.ofSeveral()),
                Arguments.of("together", Dags.together()),
                Arguments.of("first-alone", Dags.firstAlone()),
                Arguments.of("hostile", Dags.hostile()));
    }

    /** Kept under {@code target}, for a look with a browser. */
    private static Element picture(String name, List<Task> tasks) throws IOException {
        String svg = Svg.of(name, tasks);
        Path directory = Files.createDirectories(Path.of("target", "reports"));
        Files.writeString(directory.resolve(name + ".svg"), svg);
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(svg)))
                    .getDocumentElement();
        } catch (SAXException | ParserConfigurationException e) {
            throw new AssertionError("no XML: " + svg, e);
        }
    }

    private static List<Element> all(Element in, String name, String ofClass) {
        NodeList found = in.getElementsByTagName(name);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .filter(element ->
                        List.of(element.getAttribute("class").split(" ")).contains(ofClass))
                .toList();
    }

    private static String text(Element in, String name) {
        return in.getElementsByTagName(name).item(0).getTextContent();
    }

    private static Rectangle rectangle(Element element, int x, int y) {
        return new Rectangle(
                x,
                y,
                Integer.parseInt(element.getAttribute("width")),
                Integer.parseInt(element.getAttribute("height")));
    }

    /** The boxes by the names that they show, which are escaped as XML alone. */
    private static Map<String, Rectangle> boxes(Element picture) {
        Map<String, Rectangle> boxes = new TreeMap<>();
        for (Element box : all(picture, "g", "box")) {
            String[] at =
                    box.getAttribute("transform").replaceAll("[^0-9 ]", "").split(" ");
            Element border = (Element) box.getElementsByTagName("rect").item(0);
            boxes.put(text(box, "title"), rectangle(border, Integer.parseInt(at[0]), Integer.parseInt(at[1])));
        }
        return boxes;
    }

    private static List<Rectangle> frames(Element picture) {
        return all(picture, "g", "frame").stream()
                .map(frame -> (Element) frame.getElementsByTagName("rect").item(0))
                .map(border -> rectangle(
                        border, Integer.parseInt(border.getAttribute("x")), Integer.parseInt(border.getAttribute("y"))))
                .toList();
    }

    /** The straight pieces of an arrow. */
    private static List<Line2D> pieces(String data) {
        Path2D path = new Path2D.Double();
        Scanner words = new Scanner(data.replaceAll("([MHC])", " $1 "));
        while (words.hasNext()) {
            switch (words.next()) {
                case "M" -> path.moveTo(words.nextInt(), words.nextInt());
                case "H" -> path.lineTo(words.nextInt(), path.getCurrentPoint().getY());
                case "C" ->
                    path.curveTo(
                            words.nextInt(),
                            words.nextInt(),
                            words.nextInt(),
                            words.nextInt(),
                            words.nextInt(),
                            words.nextInt());
                default -> throw new AssertionError(data);
            }
        }
        List<Line2D> pieces = new ArrayList<>();
        double[] to = new double[6];
        double[] from = new double[2];
        for (PathIterator part = path.getPathIterator(null, FLAT); !part.isDone(); part.next()) {
            if (part.currentSegment(to) == PathIterator.SEG_LINETO) {
                pieces.add(new Line2D.Double(from[0], from[1], to[0], to[1]));
            }
            from[0] = to[0];
            from[1] = to[1];
        }
        return pieces;
    }

    @ParameterizedTest
    @MethodSource("dags")
    void everyTask_isABox_andEveryEdgeAnArrow(String name, List<Task> tasks) throws IOException {
        Element picture = picture(name, tasks);

        assertThat(boxes(picture).keySet())
                .containsExactlyInAnyOrderElementsOf(tasks.stream()
                        .map(task -> Words.visible(task.name()) + ": " + TaskText.kind(task))
                        .toList());
        List<String> expected = new ArrayList<>();
        for (Task task : tasks) {
            task.upstream()
                    .forEach(before -> expected.add(Words.visible(task.name() + " waits for all of "
                            + tasks.get(before).name())));
            task.samePartition()
                    .forEach(before -> expected.add("each partition of " + task.name() + " waits for the same one of "
                            + tasks.get(before).name()));
        }
        assertThat(all(picture, "path", "arrow").stream()
                        .filter(arrow -> arrow.hasChildNodes())
                        .map(arrow -> text(arrow, "title")))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @MethodSource("dags")
    void boxes_overlapNothing_andNoArrowCrossesOne(String name, List<Task> tasks) throws IOException {
        Element picture = picture(name, tasks);
        List<Rectangle> boxes = List.copyOf(boxes(picture).values());
        List<Rectangle> frames = frames(picture);
        Rectangle ground = rectangle(picture, 0, 0);

        assertApart(boxes);
        assertApart(frames);
        assertThat(frames).allMatch(ground::contains);
        assertThat(boxes).allSatisfy(box -> {
            assertThat(ground.contains(box)).isTrue();
            assertThat(frames).allMatch(frame -> frame.contains(box) || !frame.intersects(box));
        });
        for (Element arrow : all(picture, "path", "arrow")) {
            if (arrow.hasChildNodes()) {
                assertThat(pieces(arrow.getAttribute("d")))
                        .isNotEmpty()
                        .allSatisfy(piece -> assertThat(boxes).noneMatch(box -> piece.intersects(inner(box))));
            }
        }
    }

    /** An arrow touches the boxes at its ends. */
    private static Rectangle2D inner(Rectangle box) {
        return new Rectangle2D.Double(box.x + 1, box.y - 1, box.width - 2, box.height + 2);
    }

    private static void assertApart(List<Rectangle> rectangles) {
        for (Rectangle one : rectangles) {
            assertThat(rectangles).filteredOn(other -> other.intersects(one)).containsExactly(one);
        }
    }

    @Test
    void arrowsLead_fromLeftToRight_pastWhatEndsBefore() throws IOException {
        Map<String, Rectangle> boxes = boxes(picture("several", Dags.ofSeveral()));

        assertThat(boxes.get("orders.scope: scope").x)
                .isEqualTo(boxes.get("returns.scope: scope").x)
                .isGreaterThan((int) boxes.get("costs.publish: publish").getMaxX());
        assertThat(boxes.get("refresh: sql").x)
                .isGreaterThan((int) boxes.get("returns.publish: publish").getMaxX());
        assertThat(boxes.get("notify: call").y).isEqualTo(boxes.get("costs.scope: scope").y);
    }

    @Test
    void samePartition_isDashed_andInTheLegendWhereItOccurs() throws IOException {
        Element together = picture("together", Dags.together());

        assertThat(all(together, "path", "partition"))
                .hasSize(2)
                .anySatisfy(arrow -> assertThat(text(arrow, "title"))
                        .isEqualTo("each partition of orders.merge waits for the same one of costs.merge"));
        assertThat(together.getTextContent())
                .contains(".partition { stroke-dasharray:")
                .contains("waits for the same one");
        assertThat(picture("one", Dags.ofOne()).getTextContent()).doesNotContain("waits for the same one");
    }

    @Test
    void names_areShown_asTheyAre_orShortened() throws IOException {
        Element picture = picture("hostile", Dags.hostile());

        assertThat(all(picture, "text", "name").stream().map(Element::getTextContent))
                .containsExactly(
                        "a\"b<c>&d.scope",
                        "end\n\u27e8001b\u27e9\u27e8202e\u27e9\u27e8d800\u27e9\u27e8ffff\u27e9]]>",
                        "{{dag}}<script>alert(\u2026/script>-->`**1**`#;%%",
                        "\u8868".repeat(21) + "\u2026" + "\u8868".repeat(18) + "last");
        assertThat(text(all(picture, "g", "frame").get(0), "text")).isEqualTo(Dags.HOSTILE);
    }

    @ParameterizedTest
    @MethodSource("dags")
    void itStandsAlone_andIsTheSameEachTime(String name, List<Task> tasks) {
        String svg = Svg.of(name, tasks);

        assertThat(svg)
                .isEqualTo(Svg.of(name, tasks))
                .doesNotContain("<script", "@import", "@font-face", " href", "<image");
        assertThat(svg.replace("url(#dag-head)", "")).doesNotContain("url(");
        assertThat(svg).contains("prefers-color-scheme:dark");
    }
}
