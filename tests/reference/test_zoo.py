"""The shipped networks against published figures: parameters, work, shapes of every stage and receptive fields.

Counts leave out moving averages, as torchvision's do and Keras' "trainable" does. Work is multiply–accumulates of
convolutions and dense layers for one image, as in torchvision's column "GFLOPS".
"""

from functools import cache

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.io.templates import load_template, template_names
from core.zoo.inception import MODULES


@cache
def report(name):
    return check(load_template(name))


def parameters_of(name, id):
    """Sum over a layer, or over all layers that it stands for."""
    return sum(layer.parameters for layer in report(name).layers.values() if f"{layer.id}/".startswith(f"{id}/"))


def stages(name, *ids):
    found = [report(name).of(id).shape for id in ids]
    return [(shape[0], shape[2]) if len(shape) == 3 and shape[0] == shape[1] else shape for shape in found]


def fields(name, *ids):
    """Return receptive field and effective stride of layers whose axes agree."""
    found = [report(name).of(id).receptive_field for id in ids]
    assert all(field.size[0] == field.size[1] and field.jump[0] == field.jump[1] for field in found)
    return [(field.size[0], field.jump[0]) for field in found]


PARAMETERS = {
    # torchvision, `num_params` of the weights' meta data; the same numbers stand in the table of pytorch.org.
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "googlenet": 6_624_904,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "squeezenet1_0": 1_248_424,  # also Iandola et al., table 1
    "squeezenet1_1": 1_235_496,
    "densenet121": 7_978_856,  # Keras' 8,062,504 count 83,648 moving averages
    "mobilenet_v2": 3_504_872,  # Keras' 3,538,984 count 34,112 moving averages
    # Keras' summary of MobileNet: 4,253,864 in all, of which 21,888 aren't trained. The paper says 4.2 million.
    "mobilenet_v1": 4_231_976,
    # Recounts of Krizhevsky et al. 2012, figure 2, with two groups; one group makes the 62,378,344 of CS231n's slides.
    "alexnet_grouped": 60_965_224,
    # The model table of imgclsmob (pytorchcv).
    "zfnet": 62_357_608,
    # Public summaries (torchinfo, Keras) of networks for CIFAR-10.
    "nin": 966_986,
    "all_cnn_c": 1_369_738,
    # Public summary of the generator in PyTorch's DCGAN example.
    "dcgan_generator": 3_576_704,
    # Many summaries of the network as it is taught.
    "lenet5": 61_706,
    # LeCun et al. 1998, section II.B: 60,000, of which C3 has 1,516 and the output none; here 2,416 and 850.
    "lenet5_1998": 60_000 + (2_416 - 1_516) + 850,
    # He et al. 2016, table 6, has 0.27, 0.46, 0.66, 0.85 and 1.7 million; to the last one, by the formulas:
    "resnet20_cifar": 269_722,
    "resnet32_cifar": 464_154,
    "resnet44_cifar": 658_586,
    "resnet56_cifar": 853_018,
    "resnet110_cifar": 1_727_962,
    # Ronneberger et al. publish no total; by the formulas, two classes and one input channel:
    "unet": 31_030_658,
    # `layer_defs` of ConvNetJS' demos mnist.html and cifar10.html, counted by hand:
    "convnetjs_mnist": (25 + 1) * 8 + (25 * 8 + 1) * 16 + (4 * 4 * 16 + 1) * 10,
    "convnetjs_cifar10": (25 * 3 + 1) * 16 + (25 * 16 + 1) * 20 + (25 * 20 + 1) * 20 + (4 * 4 * 20 + 1) * 10,
    # By hand.
    "mlp": (64 + 1) * 100 + (100 + 1) * 10,
    "digits_cnn": (9 + 1) * 16 + (9 * 16 + 1) * 32 + (2 * 2 * 32 + 1) * 10,
    "playground": (2 + 1) * 4 + (4 + 1) * 2 + (2 + 1) * 2,
    "playground_wide": (2 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 2,
    "cs231n_spiral": (2 + 1) * 100 + (100 + 1) * 3,
    "shapes_cnn": (49 * 3 + 1) * 12 + (9 * 12 + 1) * 24 + (9 * 24 + 1) * 32 + (2 * 2 * 32 + 1) * 10,
    "playground_spiral": (7 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 2,
    "pattern_linear": (32 * 32 * 3 + 1) * 10,
    "pattern_one_conv": (9 * 3 + 1) * 32 + (32 * 32 * 32 + 1) * 10,
    "pattern_conv_pool": (9 * 3 + 1) * 32 + (9 * 32 + 1) * 64 + (8 * 8 * 64 + 1) * 128 + (128 + 1) * 10,
    "pattern_conv_conv_pool": 896
    + 9_248
    + 18_496
    + 36_928
    + 73_856
    + 147_584
    + (4 * 4 * 128 + 1) * 128
    + 16_512
    + 1_290,
}


def test_every_template_has_a_figure():
    assert set(PARAMETERS) == set(template_names())


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name):
    assert report(name).totals.parameters == PARAMETERS[name]


GMACS = {
    # torchvision, `_ops` of the weights' meta data.
    "alexnet": 0.714,
    "vgg11": 7.609,
    "vgg13": 11.308,
    "vgg16": 15.470,
    "vgg19": 19.632,
    "googlenet": 1.498,
    "resnet18": 1.814,
    "resnet34": 3.664,
    "resnet50": 4.089,
    "resnet101": 7.801,
    "resnet152": 11.514,
    "squeezenet1_0": 0.819,
    "squeezenet1_1": 0.349,
    "densenet121": 2.834,
    "mobilenet_v2": 0.301,
    # Howard et al. 2017, table 4: 569 million.
    "mobilenet_v1": 0.569,
}


@pytest.mark.parametrize("name", GMACS)
def test_work(name):
    assert round(report(name).totals.macs / 1e9, 3) == GMACS[name]


@pytest.mark.parametrize(
    ("name", "macs"),
    [
        ("lenet5", 416_520),  # published with the summaries of 61,706 parameters
        ("alexnet_grouped", 724_406_816),  # recounts of Krizhevsky et al. 2012
        ("zfnet", 1_168_032_896),  # pytorchcv's 1,170.33 million count smaller operations too
        ("nin", 222_486_528),  # torchinfo's 223.12 million count biases too
        # With padding 1 in the last 3×3 convolution, as in many programs, it is 281,174,016; the paper has none there.
        ("all_cnn_c", 270_798_336),
        ("dcgan_generator", 104_628_224),
        ("resnet20_cifar", 40_551_040),
        ("resnet110_cifar", 252_887_680),
        ("unet", 150_428_424_448),
    ],
)
def test_work_to_the_last_one(name, macs):
    assert report(name).totals.macs == macs


@pytest.mark.parametrize(("depth", "ptflops"), [(18, 1.82), (34, 3.68), (50, 4.12), (101, 7.85), (152, 11.58)])
def test_work_is_what_ptflops_counts_but_for_its_small_operations(depth, ptflops):
    # sovrasov/flops-counter.pytorch, README; it adds normalisation, ReLU and pools.
    assert report(f"resnet{depth}").totals.macs / 1e9 == pytest.approx(ptflops, rel=0.01)


def test_the_layers_of_lenet_of_1998():
    # LeCun et al. 1998, section II.B; C3 is full and the output dense here.
    sizes = [("C1", (28, 6), 156), ("S2", (14, 6), 12), ("C3", (10, 16), 2_416), ("S4", (5, 16), 32)]
    sizes += [("C5", (1, 120), 48_120), ("F6", (84,), 10_164), ("output", (10,), 850)]
    for id, shape, parameters in sizes:
        found = f"{id}_scale" if id in ("S2", "S4") else id
        assert (stages("lenet5_1998", found), parameters_of("lenet5_1998", found)) == ([shape], parameters)


def test_the_layers_of_alexnet():
    # CS231n, lecture 9, table of AlexNet (there with one group), and recounts of the two groups.
    assert stages("alexnet_grouped", "conv1", "pool1", "conv2", "pool2") == [(55, 96), (27, 96), (27, 256), (13, 256)]
    convs = stages("alexnet_grouped", "conv3", "conv4", "conv5", "pool5")
    assert convs == [(13, 384), (13, 384), (13, 256), (6, 256)]
    assert stages("alexnet_grouped", "fc6", "fc7", "fc8", "softmax") == [(4096,), (4096,), (1000,), (1000,)]
    ids = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")
    found = [parameters_of("alexnet_grouped", id) for id in ids]
    assert found == [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000]


def test_the_layers_of_zfnet():
    # Zeiler and Fergus 2014, figure 3. Published tables say conv1 has no padding; 110×110 needs padding 1.
    ids = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    sizes = [(110, 96), (55, 96), (26, 256), (13, 256), (13, 384), (13, 384), (13, 256), (6, 256)]
    assert stages("zfnet", *ids) == sizes


def test_the_layers_of_vgg16():
    # CS231n, “Convolutional Networks”, VGGNet in detail: memory and weights (without biases) of each layer.
    table = {
        "conv1_1": (224, 64, 1_728),
        "conv1_2": (224, 64, 36_864),
        "pool1": (112, 64, 0),
        "conv2_1": (112, 128, 73_728),
        "conv2_2": (112, 128, 147_456),
        "pool2": (56, 128, 0),
        "conv3_1": (56, 256, 294_912),
        "conv3_2": (56, 256, 589_824),
        "conv3_3": (56, 256, 589_824),
        "pool3": (28, 256, 0),
        "conv4_1": (28, 512, 1_179_648),
        "conv4_2": (28, 512, 2_359_296),
        "conv4_3": (28, 512, 2_359_296),
        "pool4": (14, 512, 0),
        "conv5_1": (14, 512, 2_359_296),
        "conv5_2": (14, 512, 2_359_296),
        "conv5_3": (14, 512, 2_359_296),
        "pool5": (7, 512, 0),
        "fc6": (4_096, 102_760_448),
        "fc7": (4_096, 16_777_216),
        "fc8": (1_000, 4_096_000),
    }
    found = {}
    for id in table:
        (shape,), layer = stages("vgg16", id), report("vgg16").layers[id]
        found[id] = (*shape, layer.parameters - (shape[-1] if layer.parameters else 0))
    assert found == table
    # The course's "24M * 4 bytes ~= 93MB" is more than its lines sum to, 15.2 million values with the input; with the
    # outputs of ReLU, Dropout and Softmax counted as well it is 28.7 million.
    assert sum(report("vgg16").layers[id].activation_values for id in table) + 224 * 224 * 3 == 15_237_608
    assert report("vgg16").totals.activation_values == 28_676_072 + 1_000  # published recounts leave Softmax out


def test_the_stages_of_googlenet():
    # Szegedy et al. 2015, table 1: output sizes, and channels as sums of the branches.
    assert stages("googlenet", "conv1", "pool1", "conv3", "pool2") == [(112, 64), (56, 64), (56, 192), (28, 192)]
    sizes = [(28, 256), (28, 480), (14, 512), (14, 512), (14, 512), (14, 528), (14, 832), (7, 832), (7, 1024)]
    assert stages("googlenet", *(f"mixed{name}" for name in MODULES)) == sizes


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_the_stages_of_resnets(depth):
    # He et al. 2016, table 1.
    wider = 4 if depth >= 50 else 1
    sizes = [(56, 64 * wider), (28, 128 * wider), (14, 256 * wider), (7, 512 * wider)]
    assert stages(f"resnet{depth}", "conv1", "pool1") == [(112, 64), (56, 64)]
    assert stages(f"resnet{depth}", "stage1b" if depth >= 50 else "stage1", "stage2b", "stage3b", "stage4b") == sizes
    assert _learning(f"resnet{depth}") == depth


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_the_stages_of_resnets_for_cifar(depth, millions):
    # He et al. 2016, section 4.2 and table 6.
    name = f"resnet{depth}_cifar"
    assert stages(name, "stage1", "stage2b", "stage3b") == [(32, 16), (16, 32), (8, 64)]
    assert report(name).totals.parameters / 1e6 == pytest.approx(millions, rel=0.02)
    assert _learning(name) == depth


def _learning(name):
    """Count layers as papers do: convolutions and dense layers, but for those on the way around."""
    layers = report(name).layers.values()
    return sum(layer.layer.kind in ("Conv2D", "Dense") and not layer.id.endswith("skip_conv") for layer in layers)


def test_the_stages_of_densenet():
    # Huang et al. 2017, table 1: a dense block of n layers adds 32·n channels, a transition halves them.
    sizes = [(56, 256), (28, 128), (28, 512), (14, 256), (14, 1024), (7, 512), (7, 1024)]
    assert stages("densenet121", "dense1", "pool2", "dense2", "pool3", "dense3", "pool4", "dense4") == sizes
    assert _learning("densenet121") == 121


def test_the_layers_of_squeezenet():
    # Iandola et al. 2016, table 1, parameters before compression. Its 111×111 after conv1 don't follow from 224×224.
    fires = {"fire2_3/1": 11_920, "fire2_3/2": 12_432, "fire4": 45_344, "fire5": 49_440, "fire6_7/1": 104_880}
    fires |= {"fire6_7/2": 111_024, "fire8": 188_992, "fire9": 197_184, "conv1": 14_208, "conv10": 513_000}
    assert {id: parameters_of("squeezenet1_0", id) for id in fires} == fires
    assert stages("squeezenet1_0", "fire4", "fire8", "conv10") == [(54, 256), (27, 512), (13, 1000)]
    assert stages("squeezenet1_1", "fire2_3", "fire4_5", "fire8_9") == [(55, 128), (27, 256), (13, 512)]


def test_the_stages_of_mobilenets():
    # Howard et al. 2017, table 1, and Sandler et al. 2018, table 2.
    ids = ("unit1", "unit3", "unit5", "unit7_11", "unit13")
    assert stages("mobilenet_v1", *ids) == [(112, 64), (56, 128), (28, 256), (14, 512), (7, 1024)]
    ids = ("stage1", "stage2b", "stage3b", "stage4b", "stage5b", "stage6b", "stage7a", "gap")
    sizes = [(112, 16), (56, 24), (28, 32), (14, 64), (14, 96), (7, 160), (7, 320), (1280,)]
    assert stages("mobilenet_v2", *ids) == sizes


def test_the_stages_without_dense_layers():
    # Lin et al. 2014 in the sizes of the authors' Caffe file; Springenberg et al. 2015, table 1 ("averaging over 6×6").
    assert stages("nin", "pool1", "pool2", "cccp3_2", "gap") == [(16, 96), (8, 192), (8, 10), (10,)]
    assert stages("all_cnn_c", "conv3", "conv6", "conv9", "gap") == [(16, 96), (8, 192), (6, 10), (10,)]


def test_the_stages_of_unet():
    # Ronneberger et al. 2015, figure 1.
    down = [(568, 64), (280, 128), (136, 256), (64, 512), (28, 1024)]
    assert stages("unet", *(f"down{n}" for n in range(1, 5)), "bottom") == down
    up = [(56, 1024), (52, 512), (104, 512), (100, 256), (200, 256), (196, 128), (392, 128), (388, 64)]
    ids = [id for n in (4, 3, 2, 1) for id in (f"concat{n}", f"merge{n}")]
    assert stages("unet", *ids) == up
    assert stages("unet", "softmax") == [(388, 2)]


def test_the_layers_of_the_dcgan_generator():
    # PyTorch, examples/dcgan; all convolutions are without bias.
    ids = [f"upconv{n}" for n in range(1, 6)]
    assert stages("dcgan_generator", *ids) == [(4, 512), (8, 256), (16, 128), (32, 64), (64, 3)]
    found = [parameters_of("dcgan_generator", id) for id in ids]
    assert found == [819_200, 2_097_152, 524_288, 131_072, 3_072]


def test_receptive_fields_of_alexnet():
    # google-research/receptive_field, table of alexnet_v2, which has torchvision's filters.
    table = [(11, 4), (19, 8), (51, 8), (99, 16), (131, 16), (163, 16), (195, 32)]
    ids = ("conv1", "pool1", "conv2", "conv3", "conv4", "conv5", "pool5")
    assert fields("alexnet", *ids) == fields("alexnet_grouped", *ids) == table


def test_receptive_fields_of_vgg():
    # google-research/receptive_field, tables of vgg_a and vgg_16.
    ids = ("conv1_1", "pool1", "conv2_1", "pool2", "conv3_1", "conv3_2", "pool3", "conv4_1", "conv4_2", "pool4")
    ids += ("conv5_1", "conv5_2", "pool5")
    jumps = [1, 2, 2, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32]
    sizes = [3, 4, 8, 10, 18, 26, 30, 46, 62, 70, 102, 134, 150]
    assert fields("vgg11", *ids) == list(zip(sizes, jumps, strict=True))
    sizes = [3, 6, 10, 16, 24, 32, 44, 60, 76, 100, 132, 164, 212]
    assert fields("vgg16", *ids) == list(zip(sizes, jumps, strict=True))


def test_receptive_fields_of_mobilenet():
    # google-research/receptive_field, table of mobilenet_v1.
    ids = ["conv1", *(f"unit{n}/1/conv2" for n in range(1, 7)), *(f"unit7_11/{n}/conv2" for n in range(1, 6))]
    ids += [f"unit{n}/1/conv2" for n in (12, 13)]
    found = [size for size, _ in fields("mobilenet_v1", *ids)]
    assert found == [3, 7, 11, 19, 27, 43, 59, 91, 123, 155, 187, 219, 251, 315]


def test_receptive_fields_of_resnets():
    # The published tables (google-research/receptive_field) are of TF-slim's networks, whose stages halve sizes in
    # their last block instead of the first: 35, 99, 291, 483 for ResNet-50 and 1,507 at the end of ResNet-152. With
    # torchvision's networks only the first stage agrees; the others follow from r += (F − 1)·j.
    ids = ("stage1b", "stage2b", "stage3b", "stage4b")
    assert fields("resnet50", *ids) == [(35, 4), (91, 8), (267, 16), (427, 32)]
    assert fields("resnet152", "stage4b") == [(1_451, 32)]


def test_receptive_fields_end_where_the_whole_input_is_seen():
    for name in template_names():
        found = report(name).layers
        images = {id for id, layer in found.items() if layer.shape is not None and len(layer.shape) == 3}
        assert {id for id, layer in found.items() if layer.receptive_field is not None} <= images | {"input"}


@pytest.mark.parametrize("name", [name for name, parameters in PARAMETERS.items() if parameters < 1_300_000])
def test_it_computes_what_the_report_says(name):
    document = load_template(name)
    shape, softmax = document.graph.layers[0].spec.shape, report(name).of("softmax").shape
    x = np.random.default_rng(0).standard_normal((2, *shape), dtype=np.float32)
    y = Network(document, seed=0).forward(x)
    assert y.shape == (2, *softmax)
    assert y.sum(-1) == pytest.approx(1, abs=1e-5)
